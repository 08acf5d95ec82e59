import unittest

import api
from shelf import sell, shelf


class Shelf(unittest.TestCase):
    def test_selling_takes_one_off(self):
        before = {one["name"]: one["left"] for one in shelf()}["Apples"]
        self.assertTrue(sell("Apples"))
        self.assertEqual({one["name"]: one["left"] for one in shelf()}["Apples"], before - 1)

    def test_what_is_gone_cannot_be_sold(self):
        self.assertFalse(sell("Figs"))

    def test_metrics_name_the_stock(self):
        self.assertIn('shop_stock{name="Pears"}', api.metrics())
