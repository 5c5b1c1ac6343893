// Package samples stores samples of one shape of data in shards, and gives them back by number.
//
// # Words
//
//   - sample: one thing to learn from: a picture and its class, a sound and its class, a sentence and its label.
//   - part: one array of a sample, such as its pixels or its class.
//   - schema: the parts that every sample of a set has: name, element type, shape, and what the numbers mean.
//
// A set of samples is a shard set ([github.com/rondo-ml/rondo/data/shard]) of the kind "samples". Its schema is the meta
// of the set and so stands in set.json and in every shard: a set explains itself. It holds
//
//   - the names of the classes, or the symbols, in the order of their numbers, for a part that holds such numbers, and
//     the number that stands for none of them, if there is one;
//   - the rate in Hz, for a part that holds sound;
//   - the shape of each part, in which -1 stands for a dimension that differs from sample to sample.
//
// Pixels are stored as bytes [height, width, channels], decoded. A picture is decoded once, not in every epoch, and a run
// does not depend on the decoders: those of PNG, WebP, GIF and some JPEGs are other people's, and may round otherwise in
// another release. Records are not compressed: DEFLATE takes 8 % off small photographs, and what it takes off drawn digits
// (79 %) fits in memory anyway, while every sample of every epoch would be unpacked.
//
// # A record
//
// A record is one sample: its parts in the order of the schema, without gaps. Numbers are little-endian.
//
//	part:  +----------------------------------------+----------------------------------+
//	       | each dimension that differs (4 bytes)  | elements, the last index fastest |
//	       +----------------------------------------+----------------------------------+
//
// # Parts by name
//
// Sets that `rondo shard` cuts use these names, so that tasks find their inputs and targets:
//
//	image       uint8    [height, width, channels]    1 channel: grey; 3: red, green, blue
//	sound       int16 or float32    [length]          mono, in [-1, 1) times 32768 for int16
//	text        utf8     [bytes]
//	words       int32    [length]                     the same text, by numbers in the part's list of words
//	values      float32  [columns]                    numbers that describe the sample
//	frames      float32  [length, columns]            such numbers over time
//	class       int32    []                           number in the part's list of classes
//	mask        uint8    [height, width]              class of each pixel of the image; 255 none, if the part says so
//	target      float32  [columns]                    numbers to be predicted
//	transcript  int32    [length]                     symbols in order, numbers in the part's list
//	name        utf8     [bytes]                      where the sample comes from, for people
//
// Models and tasks may name parts otherwise, and a set of one's own may have them: float32 [columns] fill
// nn.Batch.Vectors and targets that are numbers, int32 [] a target that is a class, uint8 [] where a sequence begins
// (nn.Batch.Begins, in sets whose samples follow one another: [Schema].InOrder).
//
// # Data of one's own
//
// A program registers a kind of source, which a run file then names in the place of a directory:
//
//	samples.Register("moons", func(source string) (samples.Source, error) { … }) // "moons:train?count=1000"
//
// A [Source] gives sample i as a pure function of i, the same on every machine: from a formula by way of package nn/portable
// and counted randomness (nn.Stream), or from a file, and states by a hash what it is. Shuffling, lanes, changes
// (data.augment) and reading ahead are those of stored sets. What it gives is held to its schema. examples/custom has one.
//
// # Errors
//
// Damage is the [*shard.CorruptError] of the shard set. A record that does not fit the schema is an error with the
// number of the sample. No record, however hostile, makes this package panic.
package samples
