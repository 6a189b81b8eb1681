"""A picture small enough to lie inside a page."""

import base64
import io
from pathlib import Path

WIDTH = 760  # pixels: sharp at half a page
QUALITY = 82  # of the JPEG


def data_uri(path: Path) -> str:
    """The picture as a JPEG of at most WIDTH pixels, as a data URI."""
    from PIL import Image

    packed = io.BytesIO()
    with Image.open(path) as picture:
        flat = picture.convert("RGB")
        flat.thumbnail((WIDTH, WIDTH))
        flat.save(packed, "JPEG", quality=QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(packed.getvalue()).decode()}"
