"""What finished runs cost the pages and the disk, with tests/history.py to put them there."""
