"""Statistics of review, pure: rates with intervals, agreement, handling times, calibration, recall, what-if."""
