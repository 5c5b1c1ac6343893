package cmd

import (
	"cmp"

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
be read is listed, and nothing is written, unless --skip-unreadable goes on; so are
files named as BMP, TIFF, HEIC, AVIF, JPEG XL and JPEG 2000: make JPEGs or PNGs of them.

With --masks each picture has a mask of its name, a PNG with a palette or in grey,
that gives every pixel a class: a7.jpg in PATH goes with a7.png in the directory of
masks. Large pictures become samples of one size by --tile.`,
		Example: `  rondo shard images --out flowers --held-out flowers/test --short-side 256 flowers/train
  rondo shard images --out cifar --held-out cifar10/test --square 32 cifar10/train
  rondo shard images --out cells --masks em/label --mask-values 0,255 --grey --tile 128 --held-out-match '^2[4-9]\.png$' em/image`,
	}
	names := ""
	cutCommand(c, &o.Options, func(paths []string) (cutting.Summary, error) {
		if err := cmp.Or(wantPaths("--masks", o.Masks), wantPaths("--held-out-masks", o.HeldOutMasks)); err != nil {
			return cutting.Summary{}, err
		}
		var err error
		if o.Names, err = readNames(names); err != nil {
			return cutting.Summary{}, err
		}
		return cutting.Images(o, paths)
	})
	pictureFlags(c, &o.PictureOptions)
	maskFlags(c, &o.MaskOptions)
	maskValueFlags(c, &o.MaskOptions, &names)
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
webp and cls are the picture and its class; others are not used. With --mask-field
a mask in that field gives the pixels classes instead.`,
		Example: `  rondo shard tar --out pets --held-out pets-val-0000.tar --short-side 256 pets-train-*.tar
  rondo shard tar --out streets --mask-field seg.png --mask-values 0,1,2,3 --ignore 255 --tile 256 streets.tar`,
	}
	names := ""
	cutCommand(c, &o.Options, func(paths []string) (cutting.Summary, error) {
		var err error
		if o.MaskValues.Names, err = readNames(names); err != nil {
			return cutting.Summary{}, err
		}
		return cutting.Tar(o, paths)
	})
	pictureFlags(c, &o.PictureOptions)
	c.Flags().StringVar(&o.MaskField, "mask-field", "", "`FIELD` of the masks, such as seg.png")
	maskValueFlags(c, &o.MaskValues, &names)
	skipFlag(c, &o.Options)
	return c
}

func pictureFlags(c *cobra.Command, o *cutting.PictureOptions) {
	f := c.Flags()
	f.IntVar(&o.ShortSide, "short-side", 0, "scale pictures so that their short side has so many `PIXELS`; 0 leaves them as they are")
	f.IntVar(&o.Square, "square", 0, "scale pictures by their short side, and cut them to their middle of `PIXELS`×PIXELS")
	f.StringVar((*string)(&o.Filter), "filter", string(picture.Bilinear), "how to scale: nearest, bilinear or bicubic (the latter two without aliasing)")
	f.StringVar(&o.Chroma, "chroma", cutting.Repeat, "subsampled colour of JPEGs: repeat, or interpolate as libjpeg, Pillow and torchvision do")
	f.IntVar(&o.Tile, "tile", 0, "cut pictures, once scaled, into tiles of `PIXELS`×PIXELS, a sample each")
	f.IntVar(&o.Stride, "stride", 0, "tiles begin so many `PIXELS` apart; 0 for the size of a tile")
	f.BoolVar(&o.Grey, "grey", false, "one channel instead of three")
	f.Int64Var(&o.MaxPixels, "max-pixels", picture.DefaultMaxPixels, "larger pictures cannot be read")
}

func maskFlags(c *cobra.Command, o *cutting.MaskOptions) {
	f := c.Flags()
	f.StringArrayVar(&o.Masks, "masks", nil, "`DIR` of masks, which give the pixels of the pictures classes (may be given several times)")
	f.StringArrayVar(&o.HeldOutMasks, "held-out-masks", nil, "`DIR` of the masks of --held-out, where it is another one")
}

func maskValueFlags(c *cobra.Command, o *cutting.MaskOptions, names *string) {
	f := c.Flags()
	f.StringVar(names, "class-names", "", "with masks: `FILE` of the names of the classes of pixels, one a line")
	f.IntSliceVar(&o.Values, "mask-values", nil, "`VALUES` in masks of the classes 0, 1, …; without it values are numbers of classes")
	f.IntSliceVar(&o.Ignore, "ignore", nil, "`VALUES` in masks of pixels that have no class")
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
