/* What the kernel's nl80211 says of a station: the name of its network and the access point. */
#ifndef WIFI_SSID_NL80211_H
#define WIFI_SSID_NL80211_H

enum { NL80211_SSID_MAX = 32 };

struct nl80211_link {
    char ssid[NL80211_SSID_MAX + 1]; /* "": not connected; octets, most often UTF-8 */
    char bssid[18];
};

/* Asks over a netlink socket of its own; the kernel answers at once. 0; -ENOENT: no driver of that kind is
 * loaded; -ENODEV: the interface is none of it; -errno. */
int nl80211_link(unsigned interface_index, struct nl80211_link *ret_link);

#endif
