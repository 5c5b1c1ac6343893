// Package shard stores training data as checked files and reads it back by position.
//
// # Words
//
//   - record: the unit a writer hands over. In text a document, or a piece of one.
//   - block: consecutive records with one CRC-32C; the unit of reading. 64 KiB for text.
//   - shard: a file of blocks with an index at its end. About 64 MiB.
//   - set: a directory of shards, on this machine or in an object store, and the manifest set.json that lists them.
//
// The concatenation of all records of a text set, in order, is the text.
//
// # The file NAME-00000.shard
//
// All numbers are little-endian and unsigned. Every byte of the file is under some checksum (all
// are CRC-32C, the Castagnoli polynomial), and the blocks tile the file without gaps, so no damage
// can hide.
//
//	byte  0        8         12        16
//	      +--------+---------+---------+
//	      |RONDOSHD| version | CRC     |                header: the CRC covers bytes 0 to 12
//	      +--------+---------+---------+
//	      | block 0                    |
//	      | block 1                    |
//	      | ...                        |
//	      +----------------------------+
//	      | index                      |
//	      +----------------------------+
//	      | footer                     |
//	      +----------------------------+
//
//	block: its CRC covers all of it before the CRC
//	      0      4        8         12        16
//	      +------+--------+---------+---------+
//	      | RBLK | number | records | payload |           payload: its bytes in all
//	      +------+--------+---------+---------+
//	      | length of record 0 (4 bytes) | length of record 1 | ...
//	      +-----------------------------------+
//	      | record 0 | record 1 | ...         |           the payload
//	      +-----------------------------------+
//	      | CRC (4 bytes)                     |
//	      +-----------------------------------+
//
//	index: what the data is, then 32 bytes for every block
//	      +-----------------+------+-----------------+-----------+------------+
//	      | kind length (4) | kind | JSON length (4) | JSON      | blocks (4) |
//	      +-----------------+------+-----------------+-----------+------------+
//	      | offset (8) | first record (8) | length (4) | records (4) | payload (4) | CRC (4) |
//	      | ...
//	      +------------
//
//	footer
//	      0              8              12          16        20          24         32
//	      +--------------+--------------+-----------+---------+-----------+----------+
//	      | index offset | index length | index CRC | version | CRC       | RONDOEND |
//	      +--------------+--------------+-----------+---------+-----------+----------+
//	                                       covers bytes 0 to 20 of the footer
//
// Kind says what a record is ("text"), the JSON beside it holds what a reader of that kind wants to
// know. The index repeats the CRC of each block, and set.json the CRC of each index: a block or a
// shard of another set is told from its own, even when both are whole.
//
// # The set
//
// set.json lists each shard with its size, records, payload bytes and SHA-256, and holds the hash
// of the set: SHA-256 over the content in order, whatever the shards and blocks it was cut into
// (see [Manifest]). A set is written under temporary names, synced and renamed, set.json last: a
// directory without set.json holds no set. In an object store shards have names that no other cut gives, are uploaded while they are
// cut, and set.json is put under the condition that nobody else put one meanwhile. [Claim] keeps two cuts apart, and in a directory the lock of [OpenJournal].
// What a cut that was stopped left behind is gone on with by [ResumeWriter].
//
// # Reading
//
// [Set.ReadAt] reads the text as one long run of bytes. It loads whole blocks, checks each as it
// comes in, and keeps a bounded number of them. A [Set] holds no file open, needs no Close, and may
// be used by many goroutines.
//
// [Streams] cuts the text into the rows of a batch for networks that carry their state from one
// step to the next. Which bytes make a row of a step is a pure function of the text and the step.
//
// # Errors
//
// Damage of any sort is a [*CorruptError], which names the file, the block and the byte. No file,
// however hostile, makes this package panic, or reserve memory out of proportion to its length.
package shard
