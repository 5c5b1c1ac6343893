package main

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go/v1"
)

// archive is an image layout in memory.
type archive struct {
	files  map[string][]byte // by path
	digest digest.Digest     // of the index, by which a registry knows the image of all platforms
	sizes  []size
}

// size is what one platform takes.
type size struct {
	platform         string
	packed, unpacked int
}

// dockerImage is an entry of manifest.json, which `docker load` reads.
type dockerImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// pack makes the image of every platform, and what leads to it.
func pack(o options) (*archive, error) {
	version, err := version(o.tag)
	if err != nil {
		return nil, err
	}
	base, err := foundation(o.created)
	if err != nil {
		return nil, err
	}
	a := &archive{files: map[string][]byte{}}
	index := specs.Index{MediaType: specs.MediaTypeImageIndex}
	index.SchemaVersion = 2
	var docker []dockerImage
	for _, b := range o.binaries {
		own, err := program(b, o.created)
		if err != nil {
			return nil, err
		}
		layers := []*layer{base, own}
		m, err := a.addImage(b.platform, layers, o, version)
		if err != nil {
			return nil, err
		}
		index.Manifests = append(index.Manifests, m.descriptor)
		if docker == nil {
			docker = []dockerImage{{blobPath(m.config.Digest), []string{o.tag}, m.layerPaths}}
		}
		a.sizes = append(a.sizes, size{b.platform.OS + "/" + b.platform.Architecture, len(base.packed) + len(own.packed), base.unpacked + own.unpacked})
	}
	whole, err := a.addJSON(specs.MediaTypeImageIndex, index)
	if err != nil {
		return nil, err
	}
	a.digest = whole.Digest
	whole.Annotations = map[string]string{
		specs.AnnotationRefName:    version,
		"io.containerd.image.name": fullName(o.tag), // by which ctr and kind import it
	}
	entrance := specs.Index{MediaType: specs.MediaTypeImageIndex, Manifests: []specs.Descriptor{whole}}
	entrance.SchemaVersion = 2
	for path, content := range map[string]any{
		specs.ImageIndexFile: entrance, "manifest.json": docker, specs.ImageLayoutFile: specs.ImageLayout{Version: specs.ImageLayoutVersion},
	} {
		if a.files[path], err = json.Marshal(content); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return a, nil
}

// image is what the index and manifest.json say of one platform.
type image struct {
	descriptor, config specs.Descriptor
	layerPaths         []string
}

func (a *archive) addImage(p specs.Platform, layers []*layer, o options, version string) (image, error) {
	labels := map[string]string{
		specs.AnnotationTitle: "Rondo", specs.AnnotationVersion: version, specs.AnnotationLicenses: "Apache-2.0",
		specs.AnnotationSource: "https://github.com/rondo-ml/rondo",
	}
	if o.revision != "" {
		labels[specs.AnnotationRevision] = o.revision
	}
	c := specs.Image{Created: &o.created, Platform: p}
	c.Config = specs.ImageConfig{User: strconv.Itoa(user) + ":" + strconv.Itoa(user), Entrypoint: []string{"/rondo"}, WorkingDir: "/", Labels: labels}
	c.RootFS.Type = "layers"
	m := specs.Manifest{MediaType: specs.MediaTypeImageManifest, Annotations: labels}
	m.SchemaVersion = 2
	var of image
	for _, l := range layers {
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, l.diff)
		c.History = append(c.History, specs.History{Created: &o.created, CreatedBy: "make image"})
		d := l.descriptor()
		a.files[blobPath(d.Digest)] = l.packed
		m.Layers = append(m.Layers, d)
		of.layerPaths = append(of.layerPaths, blobPath(d.Digest))
	}
	var err error
	if of.config, err = a.addJSON(specs.MediaTypeImageConfig, c); err != nil {
		return of, err
	}
	m.Config = of.config
	if of.descriptor, err = a.addJSON(specs.MediaTypeImageManifest, m); err != nil {
		return of, err
	}
	of.descriptor.Platform = &p
	return of, nil
}

// addJSON adds a blob.
func (a *archive) addJSON(mediaType string, v any) (specs.Descriptor, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return specs.Descriptor{}, fmt.Errorf("%s: %w", mediaType, err)
	}
	d := describe(mediaType, content)
	a.files[blobPath(d.Digest)] = content
	return d, nil
}

func describe(mediaType string, content []byte) specs.Descriptor {
	return specs.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
}

func blobPath(d digest.Digest) string {
	return specs.ImageBlobsDir + "/" + d.Algorithm().String() + "/" + d.Encoded()
}

// fullName is a tag with the registry that is meant where none is named, as containerd stores it.
func fullName(tag string) string {
	first, _, more := strings.Cut(tag, "/")
	switch {
	case !more:
		return "docker.io/library/" + tag
	case strings.ContainsAny(first, ".:") || first == "localhost":
		return tag
	}
	return "docker.io/" + tag
}

// writeTo writes the files in the order of their names.
func (a *archive) writeTo(w io.Writer) error {
	t := tar.NewWriter(w)
	for _, path := range slices.Sorted(maps.Keys(a.files)) {
		content := a.files[path]
		if err := t.WriteHeader(&tar.Header{Name: path, Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}); err != nil {
			return err
		}
		if _, err := t.Write(content); err != nil {
			return err
		}
	}
	return t.Close()
}
