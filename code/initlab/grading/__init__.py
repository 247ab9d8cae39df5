"""Grading of assignments: students' code runs shut in, the tests run outside and question it."""
