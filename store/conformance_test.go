package store_test

import (
	"testing"

	"gongkai/store"
	"gongkai/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Conform(t, func(t testing.TB) storetest.Parts {
		st, err := store.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		return storetest.Parts{Organs: st.Organs, Documents: st.ForDocuments(), Cases: st.ForCases(), Powers: st.Powers, Reports: st.Reports, People: st.ForPeople(),
			Alerts: st.ForAlerts(), Searches: st.Searches, Outbox: st.Outbox, Catalogue: st.Catalogue, Changes: st.Changes, Log: st.Log, Files: st.Files}
	})
}
