package lab

import "time"

// Of Kubernetes' objects these are the fields that the tests read.

type Meta struct {
	Name              string
	UID               string
	ResourceVersion   string
	DeletionTimestamp *time.Time
}

type Condition struct {
	Type   string
	Status string
}

type Pod struct {
	Metadata Meta
	Spec     struct{ NodeName string }
	Status   struct {
		PodIP                 string
		Conditions            []Condition
		InitContainerStatuses []ContainerStatus
		ContainerStatuses     []ContainerStatus
	}
}

type ContainerStatus struct {
	RestartCount int
}

// Ready tells whether a pod serves and is not about to end.
func (p Pod) Ready() bool {
	if p.Metadata.DeletionTimestamp != nil {
		return false
	}
	for _, c := range p.Status.Conditions {
		if c.Type == "Ready" {
			return c.Status == "True"
		}
	}
	return false
}

// Restarts of its containers.
func (p Pod) Restarts() int {
	n := 0
	for _, c := range append(p.Status.InitContainerStatuses, p.Status.ContainerStatuses...) {
		n += c.RestartCount
	}
	return n
}

type nodeObject struct {
	Metadata Meta
	Status   struct{ Conditions []Condition }
}

func (n nodeObject) ready() bool {
	for _, c := range n.Status.Conditions {
		if c.Type == "Ready" {
			return c.Status == "True"
		}
	}
	return false
}
