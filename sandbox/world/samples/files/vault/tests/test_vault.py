import unittest

from vault import token


class Tokens(unittest.TestCase):
    def test_the_same_number_has_the_same_token(self):
        self.assertEqual(token("4111111111111111"), token("4111111111111111"))

    def test_a_token_does_not_show_the_number(self):
        self.assertNotIn("4111", token("4111111111111111"))

    def test_only_numbers(self):
        with self.assertRaises(ValueError):
            token("hello")
