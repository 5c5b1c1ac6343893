// Package draw makes charts and sheets of pictures for papers and terminals.
//
// Whatever is drawn is a [Scene] first: lines, rectangles, texts and pictures at their
// places. [Scene.SVG] and [Scene.PNG] write the same scene, and [Save] chooses by the
// name of a file. A [Chart] can also be printed in characters ([Chart.Terminal]), and so
// can a picture ([Blocks]).
//
// It draws with the standard library, a rasterizer and a font of golang.org/x/image.
// gonum.org/v1/plot would do as well, and adds 8 MB to the binary.
package draw
