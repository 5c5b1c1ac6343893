package shard

import (
	"errors"
	"fmt"
)

// ErrSetExists is in the chain of the error that refuses to write where a set already is.
var ErrSetExists = errors.New("a set is already there")

// CorruptError says where a set is damaged.
type CorruptError struct {
	Shard  string // path of the damaged file: a shard, or set.json
	Block  int    // number of the block within the shard, from 0; -1 outside every block
	Offset int64  // byte of the file at which the damaged part (block, header, index) begins
	What   string // what is wrong with it

	err error // the cause, where there is one
}

func (e *CorruptError) Error() string {
	where := fmt.Sprintf("byte %d", e.Offset)
	if e.Block >= 0 {
		where = fmt.Sprintf("block %d at byte %d", e.Block, e.Offset)
	}
	return fmt.Sprintf("%s: %s: %s; restore the file from a copy or cut the shards again", e.Shard, where, e.What)
}

// Unwrap gives the cause, such as [io/fs.ErrNotExist] for a missing shard.
func (e *CorruptError) Unwrap() error { return e.err }
