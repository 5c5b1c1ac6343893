package shard_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/data/shard"
)

// Text becomes shards, and shards become the rows of a step.
func Example() {
	dir, err := os.MkdirTemp("", "shards")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	book := filepath.Join(dir, "book.txt")
	if err := os.WriteFile(book, []byte(strings.Repeat("round and round the ring it goes\n", 10)), 0o666); err != nil {
		log.Fatal(err)
	}

	out := filepath.Join(dir, "shards")
	sum, err := shard.WriteText(shard.TextOptions{Out: out, Valid: 0.1}, []string{book})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sum.Files, "file,", sum.Train.Bytes, "bytes to train on,", sum.Valid.Bytes, "held out")

	set, err := shard.Open(filepath.Join(out, "train"))
	if err != nil {
		log.Fatal(err)
	}
	streams, err := shard.NewStreams(set, 2, 16) // two rows, 16 bytes a step
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(streams.StepsPerEpoch(), "steps an epoch")
	in, target := make([]byte, 16), make([]byte, 16)
	for row := range 2 {
		n, err := streams.Read(0, row, in, target)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("row %d: %q -> %q\n", row, in[:n], target[:n])
	}
	// Output:
	// 1 file, 297 bytes to train on, 33 held out
	// 10 steps an epoch
	// row 0: "round and round " -> "ound and round t"
	// row 1: "the ring it goes" -> "he ring it goes\n"
}
