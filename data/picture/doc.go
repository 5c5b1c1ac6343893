// Package picture decodes pictures into 8-bit pixels and resizes them.
//
// [Decode] is a function of bytes: a JPEG (baseline or progressive; grey, RGB, CMYK or YCCK), a PNG of any kind, the first
// frame of a GIF, or a WebP, told by content and not by name. It keeps these rules:
//
//   - Grey pictures have one channel, all others three: red, green, blue.
//   - Alpha is dropped: the colour of a pixel is the one that is stored, however transparent the pixel is.
//   - 16-bit channels become 8-bit ones by rounding v/257.
//   - A picture stands upright: the orientation that EXIF gives, in a JPEG, PNG or WebP, is applied.
//   - CMYK and YCCK are inverted, as Adobe writes them, whether or not the file has Adobe's marker. Nobody else writes
//     four channels, and files whose marker was lost are no other.
//   - Subsampled colour is repeated; [DecodeSmooth] interpolates that of a JPEG in YCbCr.
//   - Colour profiles are ignored. What a frame of a GIF does not cover is black.
//
// # Baseline JPEGs
//
// Most JPEGs are of one kind: sequential, of 8 bits, Huffman-coded, in one scan, grey or YCbCr. Those are decoded here, some
// four times as fast as by the general decoder on a processor with AVX2, and their pixels are a matter of this package
// alone: the inverse transform is libjpeg's accurate one, to the bit. All others, and damaged ones, go to the decoder of
// Go's library, whose rounding belongs to its release.
//
// # Bounds
//
// The size in the header is checked before anything is decoded: against a limit, and against how many pixels the format
// can pack into a byte. So memory is bounded by what the file can justify, and an image of 60,000×60,000 pixels in a few
// bytes is refused.
//
// # Resizing
//
// [Picture.Resize] gives the same bits on every processor: weights are float64 with every product rounded on its own (no
// fused multiply-adds), then fixed-point, and pixels are sums of integers. Bilinear and bicubic weights widen when a
// picture shrinks, which avoids aliasing, and agree with Pillow's to the bit.
package picture
