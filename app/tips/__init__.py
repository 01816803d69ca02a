"""Informasi awal from the public: no identity, and no case until a person makes it a temuan or laporan."""
