# What the scripts share that run the tests in several ways and say how they ended.

# help prints the comment that a script begins with.
help() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "tools/${0##*/}"; }

skipped=() failed=() passed=()

step() { printf '\n== %s\n' "$*"; }
skip() { skipped+=("$1: $2"); echo "skipped: $2"; }

# in_short says how all that was run has ended, and fails if something of it failed.
in_short() {
  step 'in short'
  [ ${#passed[@]} = 0 ] || printf 'passed:  %s\n' "${passed[@]}"
  [ ${#skipped[@]} = 0 ] || printf 'skipped: %s\n' "${skipped[@]}"
  [ ${#failed[@]} = 0 ] || { printf 'failed:  %s\n' "${failed[@]}"; return 1; }
}
