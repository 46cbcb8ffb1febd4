/* Grey pictures of 8 bits in PNG files, by libpng's simple interface. */
#ifndef KC_EXAMPLES_PNG_IO_H
#define KC_EXAMPLES_PNG_IO_H

#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Any PNG, turned to grey. The pixels, row by row, are the caller's to free; NULL after a message. */
static inline uint8_t *png_load(const char *path, int64_t *height, int64_t *width) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path)) {
        fprintf(stderr, "%s: %s\n", path, image.message);
        return NULL;
    }
    image.format = PNG_FORMAT_GRAY;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
    if (!pixels || !png_image_finish_read(&image, NULL, pixels, 0, NULL)) {
        fprintf(stderr, "%s: %s\n", path, pixels ? image.message : "out of memory");
        png_image_free(&image);
        free(pixels);
        return NULL;
    }
    *height = image.height;
    *width = image.width;
    return pixels;
}

static inline bool png_save(const char *path, const uint8_t *pixels, int64_t height, int64_t width) {
    png_image image = {.version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_GRAY};
    image.height = (png_uint_32)height;
    image.width = (png_uint_32)width;
    if (png_image_write_to_file(&image, path, 0, pixels, 0, NULL)) return true;
    fprintf(stderr, "%s: %s\n", path, image.message);
    return false;
}

#endif
