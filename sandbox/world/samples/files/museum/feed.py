"""Printed the price of an apple, until 2019."""

print("apple 39")
