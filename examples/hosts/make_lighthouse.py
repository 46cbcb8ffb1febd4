"""Draws lighthouse.png, the picture that the demo filters: python3 make_lighthouse.py lighthouse.png"""
import struct
import sys
import zlib

import numpy as np

H, W = 288, 384


def scene():
    j, i = np.mgrid[0:H, 0:W].astype(float)
    picture = 210 - 0.35 * j                                           # the sky
    picture += 40 * np.exp(-((i - 290) ** 2 + (j - 60) ** 2) / 400)    # the moon
    for k, (x, y) in enumerate([(40, 40), (150, 25), (330, 120), (90, 90), (230, 70)]):
        picture += 18 * np.exp(-((i - x) / (30 + 4 * k)) ** 2 - ((j - y) / 7) ** 2)
    sea = j > 190
    waves = 14 * np.sin(i / 9 + j / 3) * np.sin(j / 4.5 + i / 40)
    picture[sea] = (95 + 0.3 * (j - 190) + waves)[sea]
    rock = (j > 205 - 45 * np.exp(-((i - 120) / 60) ** 2)) & (i < 260)
    picture[rock] = (60 + 12 * np.sin(i / 3.1) * np.cos(j / 4.3))[rock]
    half = 14 + (j - 70) * 0.08
    tower = (abs(i - 120) < half) & (j > 80) & (j < 180)
    stripe = ((j - 80) // 20) % 2 == 0
    shade = 1 - 0.25 * (i - 120) / 20
    picture[tower] = (np.where(stripe, 225, 120) * shade)[tower]
    lamp = (abs(i - 120) < 10) & (j > 60) & (j <= 80)
    picture[lamp] = 250
    roof = (abs(i - 120) < (j - 44) * 0.8) & (j > 44) & (j <= 60)
    picture[roof] = 45
    beam = (abs((j - 70) - 0.12 * (i - 130)) < 0.07 * (i - 130)) & (i > 132) & ~sea
    picture[beam] += (45 * np.exp(-(i - 130) / 180))[beam]
    noise = np.random.default_rng(7).normal(0, 3, (H, W))
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


pixels = scene()
rows = b"".join(b"\0" + row.tobytes() for row in pixels)
with open(sys.argv[1], "wb") as out:
    out.write(b"\x89PNG\r\n\x1a\n")
    out.write(chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 0, 0, 0, 0)))
    out.write(chunk(b"IDAT", zlib.compress(rows, 9)))
    out.write(chunk(b"IEND", b""))
