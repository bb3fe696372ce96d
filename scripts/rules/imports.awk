# The import rule of the rooms: #include runs down only, a plugin sees the public header only.
# usage: awk -f imports.awk FILE...; prints FILE:LINE: what; exits 1 if it found any.

BEGIN {
    below["base"] = "base"
    below["model"] = "base model"
    below["cwmp"] = "base model cwmp"
    below["net"] = "base model net"
    below["agent"] = "base model cwmp net agent"
    rooms = below["agent"]
}

function holds(list, word) {
    return index(" " list " ", " " word " ") > 0
}

function bad(why) {
    printf "%s:%d: %s: %s\n", FILENAME, FNR, $0, why
    found = 1
}

FNR == 1 {
    count = split(FILENAME, part, "/")
    room = part[1] == "core" && count > 2 ? part[2] : ""
}

/^[ \t]*#[ \t]*include/ {
    if (!match($0, /["<][^">]+[">]/)) {
        next
    }
    name = substr($0, RSTART + 1, RLENGTH - 2)
    first = index(name, "/") ? substr(name, 1, index(name, "/") - 1) : ""
    if (name ~ /\.\.\// && part[1] != "tests") {
        bad("write the path from the room: \"base/text.h\"")
    }
    core = first == "core" || holds(rooms, first) && name !~ /^net\/(if|if_arp|ethernet|route)\.h$/
    if (part[1] == "include") {
        if ($0 ~ /"/ || first != "" && first !~ /^(tr069|sys|arpa|net|netinet)$/) {
            bad("a public header includes <tr069/...> and the system's headers only")
        }
    } else if (part[1] == "plugins") {
        if (core || name == "config.h") {
            bad("a plugin includes <tr069/...> and the system's headers only")
        }
    } else if (room != "" && core) {
        if (!(room in below)) {
            bad("core/" room " is no room that scripts/rules/imports.awk knows")
        } else if (!holds(below[room], first)) {
            bad("core/" room " imports from these only: " below[room])
        }
    } else if (room != "" && first ~ /^(tests|plugins|bench)$/) {
        bad("core does not import from " first)
    }
}

END {
    exit found
}
