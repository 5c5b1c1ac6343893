package cmd

import (
	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/cutting"
)

func newShardSounds() *cobra.Command {
	var o cutting.SoundsOptions
	c := &cobra.Command{
		Use:   "sounds --out DIR PATH…",
		Short: "Cut WAV files into DIR/train and DIR/valid",
		Long: `Cuts WAV files (PCM of 8 to 32 bits, floats) into the sets DIR/train and DIR/valid.
Each folder within PATH is a class; --class finds the class in the file's path
instead. Sounds become mono, the mean of their channels. They must have one rate, or
are given one by --rate (band-limited interpolation).

Held-out sounds are those of --held-out or --held-out-match; where neither is
given a fraction is held out, by a hash of each file's path.`,
		Example: `  rondo shard sounds --out digits --class '^(\d)_' --held-out-match '_[0-4]\.wav$' recordings
  rondo shard sounds --out words --valid 0.1 speech-commands`,
	}
	cutCommand(c, &o.Options, func(paths []string) (cutting.Summary, error) { return cutting.Sounds(o, paths) })
	folderFlags(c, &o.FolderOptions)
	c.Flags().IntVar(&o.Rate, "rate", 0, "resample sounds of other rates to so many `HZ`; 0 wants all to have one rate")
	skipFlag(c, &o.Options)
	return c
}
