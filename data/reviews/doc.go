// Package reviews prepares reviews as Radford, Józefowicz and Sutskever (2017) did for the network in which they found a
// sentiment unit.
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
package reviews
