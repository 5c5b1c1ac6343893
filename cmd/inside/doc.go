// Package inside looks into the checkpoints of a run for a page and for a command line: pictures of what layers of a
// network see, sequences of sounds and numbers with their layers over time, texts with what its cells hold, and texts with what
// of them makes the network tell one class of them and not another.
//
// A [Desk] answers questions below /api/look/ about the checkpoint of ?step=N (without: the newest) of a run:
//
//	about     what can be asked: steps, layers, states of cells, samples
//	filters   ?layer=NAME                     a convolution's weights
//	input     ?sample=N|picture=ID|prompt=TEXT the picture, the sequence or the text as the network reads it, and what it is taken for
//	maps      ?layer=&sample=                 the feature maps of a layer, and the receptive field of each place; of a
//	                                          sequence the layer over time
//	track     ?layer=&channel=&sample=        one channel of a layer over time, of a sequence
//	matters   ?sample=&answer=N&at=STEP       the gradient of an answer, or the likeliest one, by what is read of a sequence; of a
//	                                          text what its symbols and words do to the answer
//	unit      ?layer=&channel=&y=&x=&passing= what of the picture makes a unit as strong as it is
//	patches   ?layer=&channels=A-B            where in the data channels are strongest, each place with its projection: so far,
//	                                          and who asks again has the search go on
//	maximize  ?layer=&channel=                a picture that the channel is strongest for
//	text      ?prompt=TEXT or ?from=&length=  the text that is read, and what is expected behind each character
//	cell      ?state=NAME&cell=N              what a cell holds behind each character of the text
//	cells     ?state=&a=&b=                   cells that stand out in characters a to b-1, and where else one of them is on
//	where     ?state=&cell=&a=&b=             where in the data the cell is on as it is there
//	next      ?at=N                           what matters for the likeliest character behind character N
//	picture   POST of a PNG or JPEG           answers its ID
//
// Answers are JSON, or a PNG of tiles with their facts as JSON in the header Rondo-Look. One question is computed at a
// time, in its turn (a search of the data lets others come between), and answers are kept by the checkpoint's digest and the
// question. Whoever waits long, for the answer or for the turn, is told so (202, with how many questions come before) and asks
// again. Sizes and times are bounded, and nothing of the run is changed.
//
// The functions that make pictures serve `rondo look`, too.
package inside
