# Finds calls of banned functions, outside of comments and texts.
# usage: awk -f banned.awk banned.txt FILE...; prints FILE:LINE: what; exits 1 if it found any.

# The line without its comments, and with every literal empty. `inside`: it began within a comment.
function bare(line,    out, mark, quote, at) {
    out = ""
    while (line != "") {
        if (inside) {
            at = index(line, "*/")
            if (at == 0) {
                return out
            }
            inside = 0
            line = substr(line, at + 2)
            out = out " "
            continue
        }
        if (!match(line, /\/\*|\/\/|["']/)) {
            return out line
        }
        out = out substr(line, 1, RSTART - 1)
        mark = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        if (mark == "//") {
            return out
        } else if (mark == "/*") {
            inside = 1
        } else {
            quote = mark
            out = out quote quote
            at = quote == "\"" ? match(line, /^([^"\\]|\\.)*"/) : match(line, /^([^'\\]|\\.)*'/)
            if (!at) {
                return out
            }
            line = substr(line, RLENGTH + 1)
        }
    }
    return out
}

FNR == 1 {
    inside = 0
}

FILENAME == ARGV[1] {
    if ($0 !~ /^#/ && NF > 1) {
        name = $1
        $1 = ""
        instead[name] = substr($0, 2)
    }
    next
}

{
    code = bare($0)
    before = ""
    while (match(code, /[A-Za-z_][A-Za-z_0-9]*/)) {
        before = before substr(code, 1, RSTART - 1)
        word = substr(code, RSTART, RLENGTH)
        code = substr(code, RSTART + RLENGTH)
        # a member, at->system(), is somebody's own function
        if (word in instead && code ~ /^[ \t]*\(/ && before !~ /(\.|->)[ \t]*$/) {
            printf "%s:%d: %s is banned; use %s\n", FILENAME, FNR, word, instead[word]
            found = 1
        }
        before = before word
    }
}

END {
    exit found
}
