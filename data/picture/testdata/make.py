"""Makes the reference pictures and numbers of this directory, with Pillow: python3 make.py (Pillow 13.0.0)."""
import io
import struct
import zlib

from PIL import Image


def pattern(width, height, channels):
    """The picture that resize_test.go makes too."""
    data = bytes((x * 37 + y * 91 + c * 53 + x * y * 7) * 2654435761 >> 7 & 255
                 for y in range(height) for x in range(width) for c in range(channels))
    return Image.frombytes("RGB" if channels == 3 else "L", (width, height), data)


def resizes():
    filters = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
    with open("resize.txt", "w") as out:
        for channels in (1, 3):
            for width, height, to_width, to_height in (
                    (13, 9, 5, 7), (13, 9, 26, 31), (8, 8, 1, 1), (31, 17, 17, 31), (50, 37, 22, 16), (1, 1, 3, 2), (7, 5, 7, 3)):
                for name, f in filters.items():
                    p = pattern(width, height, channels).resize((to_width, to_height), f)
                    print(name, channels, width, height, to_width, to_height, p.tobytes().hex(), file=out)


def jpegs():
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    red.save("red.jpg", quality=95)
    red.save("red-progressive.jpg", quality=95, progressive=True)
    red.convert("L").save("red-grey.jpg", quality=95)
    ink = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    ink.save("red-cmyk.jpg", quality=95)
    b = open("red-cmyk.jpg", "rb").read()
    at = b.index(b"\xff\xee")
    open("red-cmyk-unmarked.jpg", "wb").write(b[:at] + b[at + 16:])
    # What is stored is 255 minus what is given: luma and colours of the inks 0, 255, 255, and no black.
    Image.new("CMYK", (16, 16), (255 - 179, 255 - 171, 255 - 1, 0)).save("red-ycck.jpg", quality=95)
    b = bytearray(open("red-ycck.jpg", "rb").read())
    b[b.index(b"Adobe") + 11] = 2
    open("red-ycck.jpg", "wb").write(b)
    # A gradient of 24x16, stored in each of the eight orientations.
    upright = Image.frombytes("L", (24, 16), bytes(10 * x + 1 * y for y in range(16) for x in range(24)))
    stored = {1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM,
              5: Image.TRANSPOSE, 6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}
    for orientation, turn in stored.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        p = upright if turn is None else upright.transpose(turn)
        p.save(f"upright-{orientation}.jpg", quality=95, exif=exif)
    upright.save("upright-0.jpg", quality=95)
    upright.transpose(Image.ROTATE_90).save("upright-6.png", exif=exif_of(6))
    upright.transpose(Image.ROTATE_90).convert("RGB").save("upright-6.webp", lossless=True, exif=exif_of(6))


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def png(name, width, height, depth, kind, rows, extra=(), interlaced=0):
    def chunk(tag, data):
        return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
    with open(name, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)))
        for tag, data in extra:
            f.write(chunk(tag, data))
        f.write(chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) + chunk(b"IEND", b""))


def pngs():
    png("palette-alpha.png", 2, 1, 8, 3, [bytes([0, 1])],
        [(b"PLTE", bytes([17, 34, 51, 68, 85, 102])), (b"tRNS", bytes([0, 128]))])
    png("grey-1.png", 8, 1, 1, 0, [bytes([0b10110010])])
    png("grey-2.png", 4, 1, 2, 0, [bytes([0b00011011])])
    png("grey-4.png", 2, 1, 4, 0, [bytes([0x0f])])
    ramp = [0, 1, 128, 129, 256, 257, 385, 386, 32767, 32768, 65406, 65407, 65535]
    png("grey-16.png", len(ramp), 1, 16, 0, [b"".join(struct.pack(">H", v) for v in ramp)])
    png("rgb-16.png", 1, 1, 16, 2, [struct.pack(">HHH", 257, 65535, 386)])
    png("rgba-16.png", 1, 1, 16, 6, [struct.pack(">HHHH", 257, 65535, 386, 0)])
    png("rgb-trns.png", 2, 1, 8, 2, [bytes([1, 2, 3, 4, 5, 6])], [(b"tRNS", struct.pack(">HHH", 1, 2, 3))])
    png("rgba.png", 2, 1, 8, 6, [bytes([1, 2, 3, 0, 4, 5, 6, 128])])
    png("grey-alpha.png", 2, 1, 8, 4, [bytes([9, 0, 200, 128])])
    png("interlaced.png", 2, 2, 8, 0, [bytes([1]), bytes([2]), bytes([3, 4])], interlaced=1)
    png("huge.png", 60000, 60000, 8, 2, [b""])


def others():
    p = Image.new("P", (2, 2))
    p.putpalette([255, 0, 0, 17, 34, 51] + [0] * 762)
    p.putdata([0, 1, 1, 0])
    p.save("transparent.gif", transparency=1)
    Image.frombytes("RGB", (2, 1), bytes([1, 2, 3, 250, 128, 7])).save("lossless.webp", lossless=True)
    Image.frombytes("RGBA", (2, 1), bytes([1, 2, 3, 128, 250, 128, 7, 255])).save("alpha.webp", lossless=True, exact=True)
    Image.new("RGB", (16, 16), (255, 0, 0)).save("red.webp", quality=95)


def baseline():
    """JPEGs without subsampled colour, and libjpeg's pixels of them (Pillow)."""
    lines = []
    for name, mode, (width, height), quality, restart in [
        ("grey", "L", (37, 29), 60, 0), ("colour", "RGB", (33, 26), 90, 0), ("coarse", "RGB", (40, 24), 8, 2), ("fine", "RGB", (16, 17), 100, 1),
    ]:
        channels = len(mode)
        pixels = bytes(
            (((x * 37 + y * 91 + c * 53 + x * y * 7) * 2654435761 >> 7) & 255 if (x // 8 + y // 8) % 3 == 0 else (5 * x + 3 * y + 60 * c) & 255)
            for y in range(height) for x in range(width) for c in range(channels))
        path = f"baseline-{name}.jpg"
        Image.frombytes(mode, (width, height), pixels).save(path, quality=quality, subsampling=0, restart_marker_blocks=restart)
        lines.append(f"{name} {width} {height} {channels} {Image.open(path).tobytes().hex()}\n")
    with open("baseline.txt", "w") as out:
        out.writelines(lines)


def smooth():
    """JPEGs with subsampled colour, of sides that are odd and small too, and libjpeg's pixels of them (Pillow)."""
    lines = []
    for sampling, (width, height) in [(1, (33, 7)), (2, (37, 21)), (2, (16, 16)), (2, (5, 1)), (2, (4, 6)), (0x12, (21, 27))]:
        file, turned = io.BytesIO(), sampling == 0x12
        w, h = (48, 16) if turned else (width, height)
        pixels = bytes((x * 37 + y * 91 + c * 53 + x * y * 7) * 2654435761 >> 7 & 255 for y in range(h) for x in range(w) for c in range(3))
        Image.frombytes("RGB", (w, h), pixels).save(file, "JPEG", quality=90, subsampling=1 if turned else sampling)
        if turned:  # as Pillow does not write it: MCUs of 16x8 pixels that are said to be of 8x16
            b = bytearray(file.getvalue())
            at = b.index(b"\xff\xc0")
            struct.pack_into(">HH", b, at + 5, height, width)
            b[at + 11] = sampling
            file = io.BytesIO(bytes(b))
        lines.append(f"{file.getvalue().hex()} {width} {height} {Image.open(file).convert('RGB').tobytes().hex()}\n")
    with open("smooth.txt", "w") as out:
        out.writelines(lines)


resizes()
jpegs()
pngs()
others()
baseline()
smooth()
