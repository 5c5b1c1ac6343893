// Package labelled reads texts that are labelled 0 or 1, as reviews by their sentiment are.
//
// A file is, by its name, comma-separated (.csv), separated by tabs (.tsv, .txt) or a JSON object to a line (.jsonl,
// .ndjson, .json), and may be packed by gzip, bzip2 or zstd, which its bytes tell. Which columns hold the text and the label
// is said by a name of the first line, by a number from 1 on, or by a key of the objects; what is not said is found
// where it is plain:
//
//	a column named label, sentiment, class or polarity, and one named text, sentence, review or content
//	of two columns without names, the one that holds 0 or 1, and the other
//
// A label is 1 or 0, or 1.0 or 0.0, as programs write numbers that may be missing; of an object also true or false.
//
// A text in the last column of lines with tabs, as the first line has them, reaches to the end of the line, tabs included. Any other
// row with more columns than the first is an error, and without names one with fewer: a part of its text may stand in another
// column. Errors name the file and the line.
package labelled
