import json
import unittest

import tracker
from parcels import Parcel


class Tracking(unittest.TestCase):
    def test_a_known_parcel(self):
        status, _, body = tracker.answer("/parcels/AC-1002")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(body)["where"], "out for delivery")

    def test_an_unknown_parcel(self):
        self.assertEqual(tracker.answer("/parcels/nope")[0], 404)

    def test_a_delivered_parcel_stays(self):
        parcel = Parcel("X", "Bern", 4)
        parcel.move()
        self.assertTrue(parcel.delivered)

    def test_metrics_count(self):
        tracker.answer("/")
        self.assertIn('parcel_tracker_requests_total{kind="index"}', tracker.metrics())
