package cutting

import (
	"bufio"
	"bytes"
	"strings"

	"github.com/rondo-ml/rondo/data/shard"
)

// farJournal is a journal in an object store: the lines behind the first, in memory.
type farJournal struct {
	claim  *shard.Claim
	text   bytes.Buffer
	shards int // that were finished when it was written
}

// openFarJournal is openJournal for sets in an object store.
func openFarJournal(out, plan string) (j *journal, another bool, err error) {
	claim, told, err := shard.OpenClaim(out)
	if err != nil {
		return nil, false, err
	}
	j = &journal{far: &farJournal{claim: claim}}
	if another = claim.Plan != "" && claim.Plan != plan; !another {
		head := plan + "\n" // in the place of the first line
		end, _, err := j.scan(strings.NewReader(head+told), len(head))
		if err != nil {
			return nil, false, err
		}
		told = told[:max(0, int(end)-len(head))]
		j.far.text.WriteString(told)
	}
	if j.told == 0 {
		err = claim.Begin(plan)
	} else {
		err = claim.Put(j.far.text.Bytes())
	}
	if err != nil {
		return nil, false, err
	}
	j.old, j.out = bufio.NewReader(strings.NewReader(told)), bufio.NewWriter(&j.far.text)
	return j, another, nil
}
