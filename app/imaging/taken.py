"""The day on which a camera says that it took a picture: a hint for people, as anybody can change it."""

from __future__ import annotations

import io
import warnings
from datetime import date, datetime

from PIL import ExifTags, Image

from app.imaging.decode import FORMATS

EARLIEST_YEAR = 2000
DAYS = (ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTimeDigitized)


def taken_on(data: bytes) -> date | None:
    """The day of the EXIF header of a JPEG, None where it has none or none that can be. Never raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
                if image.format != "JPEG":
                    return None
                exif = image.getexif().get_ifd(ExifTags.IFD.Exif)
        written = next((str(exif[tag]) for tag in DAYS if tag in exif), "")
        day = datetime.strptime(written[:10], "%Y:%m:%d").date()
    except Exception:
        return None
    return day if day.year >= EARLIEST_YEAR else None
