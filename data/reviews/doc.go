// Package reviews prepares reviews as Radford, Józefowicz and Sutskever (2017) did for the network in which they found a
// sentiment unit, and reads them from files of many forms.
//
// # Cleaning
//
//	review ──> character references ──> newlines to spaces ──> strip ──> "\n " + review + " " ──> UTF-8 bytes
//
// [Paper] is that, character by character what Python's html.unescape and str.strip make. The newline, which no review has
// within it any more, separates reviews: behind it a network knows that another one begins.
//
// [ASCII] is the cleaning of Puri et al. (2018) in its place: tags become spaces, letters and signs beyond ASCII become the
// ASCII that looks like them, and runs of white space become one space.
//
// # Reading
//
//	file ──> rows ──> the review in a row
//
// A [Reader] hands out rows of plain text, tab-separated or comma-separated values, or JSON lines. It holds one row at a
// time, of at most [LongestRow] bytes, so that files of any size can be read. [Reader.Text] takes the review out of a row;
// many goroutines may do so at once.
package reviews
