"""The personas' people, by what is peculiar about them. All of them are invented."""
