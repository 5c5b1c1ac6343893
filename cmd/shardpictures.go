package cmd

import (
	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/data/picture"
)

func newShardImages() *cobra.Command {
	var o cutting.ImagesOptions
	c := &cobra.Command{
		Use:   "images --out DIR PATH…",
		Short: "Cut folders of pictures into DIR/train and DIR/valid",
		Long: `Cuts folders of pictures (JPEG, PNG, GIF, WebP), decoded, into the sets DIR/train
and DIR/valid. Each folder within PATH is a class; --class finds the class in the
file's path instead. Classes are numbered in natural order: 2 comes before 10.

Held-out pictures are those of --held-out or --held-out-match; where neither is
given a fraction is held out, by a hash of each file's path.

Pictures are told by content and turned upright; alpha is dropped. All that cannot
be read is listed, and nothing is written, unless --skip-unreadable goes on.`,
		Example: `  rondo shard images --out flowers --held-out flowers/test --short-side 256 flowers/train
  rondo shard images --out cifar --held-out cifar10/test --square 32 cifar10/train`,
	}
	cutCommand(c, &o.Options, func(paths []string) (cutting.Summary, error) { return cutting.Images(o, paths) })
	pictureFlags(c, &o.PictureOptions)
	folderFlags(c, &o.FolderOptions)
	skipFlag(c, &o.Options)
	return c
}

func newShardTar() *cobra.Command {
	var o cutting.TarOptions
	c := &cobra.Command{
		Use:   "tar --out DIR PATH…",
		Short: "Cut WebDataset tars into DIR/train and DIR/valid",
		Long: `Cuts the pictures of tars in the form of WebDataset, packed by gzip or not. The name
of a member is cut at the first dot of its last part: members that are alike before
it are one sample, and what follows is the field. The fields jpg, jpeg, png, gif or
webp and cls are the picture and its class; others are not used.`,
		Example: `  rondo shard tar --out pets --held-out pets-val-0000.tar --short-side 256 pets-train-*.tar`,
	}
	cutCommand(c, &o.Options, func(paths []string) (cutting.Summary, error) { return cutting.Tar(o, paths) })
	pictureFlags(c, &o.PictureOptions)
	skipFlag(c, &o.Options)
	return c
}

func pictureFlags(c *cobra.Command, o *cutting.PictureOptions) {
	f := c.Flags()
	f.IntVar(&o.ShortSide, "short-side", 0, "scale pictures so that their short side has so many `PIXELS`; 0 leaves them as they are")
	f.IntVar(&o.Square, "square", 0, "scale pictures by their short side, and cut them to their middle of `PIXELS`×PIXELS")
	f.StringVar((*string)(&o.Filter), "filter", string(picture.Bilinear), "how to scale: nearest, bilinear or bicubic (the latter two without aliasing)")
	f.BoolVar(&o.Grey, "grey", false, "one channel instead of three")
	f.Int64Var(&o.MaxPixels, "max-pixels", picture.DefaultMaxPixels, "larger pictures cannot be read")
}

func folderFlags(c *cobra.Command, o *cutting.FolderOptions) {
	f := c.Flags()
	f.StringArrayVar(&o.Include, "include", nil, "of the files in directories take those that match `GLOB` (may be given several times)")
	f.StringArrayVar(&o.Exclude, "exclude", nil, "leave out files and directories that match `GLOB` (may be given several times)")
	f.StringVar(&o.Class, "class", "", "`REGEXP` whose first group is the class in a file's path; without it the folder is")
	f.StringVar(&o.HeldOutMatch, "held-out-match", "", "`REGEXP`: files whose paths match it are held out")
}

func skipFlag(c *cobra.Command, o *cutting.Options) {
	c.Flags().BoolVar(&o.SkipUnreadable, "skip-unreadable", false, "make the sets without what cannot be read")
}
