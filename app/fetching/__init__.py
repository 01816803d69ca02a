"""Model packs from their publisher: downloading, checking, unpacking, installing, and remembering what was trusted."""
