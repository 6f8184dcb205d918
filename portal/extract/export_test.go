package extract

import "encoding/json"

// ReadHere reads in this process, for fuzzing.
func ReadHere(file []byte, kind string) (Result, error) {
	args, err := json.Marshal(what{kind})
	if err != nil {
		return Result{}, err
	}
	v, err := read(args, file)
	r, _ := v.(Result)
	return r, err
}

// TablesHere reads tables in this process, for fuzzing.
func TablesHere(file []byte) (Tabled, error) {
	v, err := tables(nil, file)
	t, _ := v.(Tabled)
	return t, err
}
