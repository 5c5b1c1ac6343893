package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/worker"
)

// likeFlag is --like: a set that says what a checkpoint does not say of its data.
type likeFlag struct{ like string }

func (o *likeFlag) addLike(c *cobra.Command) {
	c.Flags().StringVar(&o.like, "like", "", "`SET` of shards cut like the training data, for checkpoints that do not say what their data are")
	_ = c.MarkFlagDirname("like")
}

func (o *likeFlag) checkLike() error { return wantPath("--like", o.like) }

// tell has a predictor know what the set says.
func (o *likeFlag) tell(p *worker.Predictor) error {
	if o.like == "" {
		return nil
	}
	set, err := samples.OpenSource(o.like)
	if err != nil {
		return fmt.Errorf("--like: %w", err)
	}
	p.Schema = set.Schema()
	return nil
}
