"""What an office does besides reviewing: settings, long work, retention and its records."""
