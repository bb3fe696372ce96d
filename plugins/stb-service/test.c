/* The plugin "stb-service" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

#define S "Services.STBService.1."
#define M S "ServiceMonitoring."
#define ROW M "MainStream.1."
#define PRINTED "ServiceMonitoring.MainStream.1."

static const char *const declared[] = {
    "Capabilities.MaxActiveAVStreams=-1",
    "Capabilities.AudioDecoder.AudioStandards=MPEG4-AAC-LC,DOLBY-AC3",
    "Capabilities.VideoDecoder.MPEG4Part10.ProfileLevel.2.Profile=HIGH",
    "Capabilities.VideoDecoder.MPEG4Part10.ProfileLevel.2.Level=4",
    "Capabilities.ServiceMonitoring.MaxReportSamples=20",
    "Capabilities.ServiceMonitoring.MinSampleInterval=5",
    "Components.FrontEnd.1.Name=IP",
    "Components.FrontEnd.10.Name=DVB-T",
    "Components.VideoDecoder.1.ContentAspectRatio=16:9",
    "Components.AudioOutput.1.Name=HDMI audio",
    "AVStreams.AVStream.1.FrontEnd=Components.FrontEnd.10",
    "AVStreams.AVStream.2.FrontEnd=Components.FrontEnd.3",
    "AVPlayers.AVPlayer.1.VideoOutputs=Components.FrontEnd.1,Components.FrontEnd.7,Components.FrontEnd.10",
    "ServiceMonitoring.MainStream.1.ServiceType=IPTV",
    "ServiceMonitoring.MainStream.2.ServiceType=",
    NULL};
static const char *const command[] = {"player", "status", "%r", NULL};
static const char *const set[] = {"player-set", NULL};
static const char *const monitors[] = {"BasicPerfMon", "AudioPerfMon", NULL};

static struct fake_host *make(enum tr069_root root) {
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    fake_option_items(fake, "values", declared);
    fake_option_items(fake, "command", command);
    fake_option_items(fake, "set", set);
    fake_option_items(fake, "profiles", monitors);
    fake_program(fake, "player", 0, "");
    fake_program(fake, "player-set", 0, "");
    return fake;
}

static struct fake_host *begin(void) {
    struct fake_host *fake = make(TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_settle(fake);
    return fake;
}

static void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static bool is(struct fake_host *fake, const char *name, const char *value) {
    const char *now = fake_get(fake, name);
    if (now == NULL || strcmp(now, value) != 0) {
        (void) fprintf(stderr, "%s is %s, not %s\n", name, now != NULL ? now : "(null)", value);
    }
    return now != NULL && strcmp(now, value) == 0;
}

static size_t runs_of(const struct fake_host *fake, const char *line) {
    return fake_list_count(&fake->runs, line);
}

/* What the program prints from now on; a session reads it. */
static void prints(struct fake_host *fake, const char *output) {
    fake_program(fake, "player", 0, output);
}
static void look(struct fake_host *fake) {
    fake_advance(fake, 2000); /* older than the cache */
    CU_ASSERT_TRUE(fake_refresh(fake, "Services.STBService.{i}.Components.FrontEnd.{i}.") >= 0);
    fake_settle(fake);
}

/* ---- Values ----------------------------------------------------------------------------------- */

static void test_what_is_declared(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_TRUE(is(fake, "Device.Services.STBServiceNumberOfEntries", "1"));
    CU_ASSERT_TRUE(is(fake, S "Enable", "true"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.MaxActiveAVStreams", "-1"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.MaxActiveAVPlayers", "0"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.AudioDecoder.AudioStandards", "MPEG4-AAC-LC,DOLBY-AC3"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.VideoDecoder.MPEG4Part10.ProfileLevelNumberOfEntries", "1"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.VideoDecoder.MPEG4Part10.ProfileLevel.2.Level", "4"));
    CU_ASSERT_PTR_NULL(fake_get(fake, S "Capabilities.VideoDecoder.MPEG4Part10.ProfileLevel.1.Level"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.VideoDecoder.SMPTEVC1.ProfileLevelNumberOfEntries", "0"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.ServiceMonitoring.MaxActiveMainStreams", "2"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.ServiceMonitoring.MaxReportSamples", "20"));
    CU_ASSERT_TRUE(is(fake, S "Components.FrontEndNumberOfEntries", "2"));
    CU_ASSERT_TRUE(is(fake, S "Components.AudioDecoderNumberOfEntries", "0"));
    CU_ASSERT_TRUE(is(fake, S "Components.FrontEnd.10.Name", "DVB-T"));
    CU_ASSERT_TRUE(is(fake, S "Components.FrontEnd.10.Status", "Disabled"));
    CU_ASSERT_TRUE(is(fake, S "Components.VideoDecoder.1.ContentAspectRatio", "16:9"));
    end(fake);
}

static void test_references(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_TRUE(is(fake, S "AVStreams.AVStream.1.FrontEnd", "Device." S "Components.FrontEnd.10"));
    CU_ASSERT_TRUE(is(fake, S "AVStreams.AVStream.2.FrontEnd", "")); /* there is no such row */
    CU_ASSERT_TRUE(is(fake, S "AVPlayers.AVPlayer.1.VideoOutputs",
                      "Device." S "Components.FrontEnd.1,Device." S "Components.FrontEnd.10"));
    end(fake);
    fake = make(TR069_IGD1);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_TRUE(
        is(fake, S "AVStreams.AVStream.1.FrontEnd", "InternetGatewayDevice." S "Components.FrontEnd.10"));
    end(fake);
}

static void refuse(const char *declaration) {
    const char *const values[] = {declaration, NULL};
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option_items(fake, "values", values);
    CU_ASSERT_EQUAL(fake_start(fake), -EINVAL);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "values: "));
    end(fake);
}

static void test_declarations_that_are_wrong(void) {
    refuse("Capabilities.MaxActiveAVStreams");
    refuse("Capabilities.NoSuchThing=1");
    refuse("Capabilities.MaxActiveAVStreams=-2");
    refuse("Capabilities.MaxActiveAVStreams=two");
    refuse("Capabilities.AudioDecoder.AudioStandards=MPEG4-AAC-LC, DTS");
    refuse("Capabilities.VideoOutput.HDCP=123456789012345678901234567890123");
    refuse("Components.FrontEnd.0.Name=zero");
    refuse("Components.FrontEnd.64.Name=too many");
    refuse("Components.FrontEnd.1.Status=On");
    refuse("Components.FrontEnd.1.Alias=mine");
    refuse("Components.AudioOutput.1.AudioLevel=101");
    refuse("Components.AudioOutput.1.CancelMute=true");
    refuse("Components.VideoDecoder.1.Name=without a ratio");
    refuse("ServiceMonitoring.MainStream.1.ServiceType=IPTV"); /* which needs a profile */
}

static void test_profiles_that_are_wrong(void) {
    static const char *const wrong[][3] = {{"NoSuchProfile"}, {"ECPerfMon"}, {"BasicPerfMon"}};
    for (size_t i = 0; i < 3; i++) {
        struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
        fake_option_items(fake, "profiles", wrong[i]);
        CU_ASSERT_EQUAL(fake_start(fake), -EINVAL);
        CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "profiles: "));
        end(fake);
    }
}

/* A box that says nothing at all runs nothing, and keeps its promise of Baseline. */
static void test_without_anything(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_refresh(fake, "Services.STBService.{i}.AVStreams."), TR069_OK);
    CU_ASSERT_EQUAL(fake->runs.count, 0);
    CU_ASSERT_TRUE(is(fake, S "AVStreams.ActiveAVStreams", "0"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.ServiceMonitoring.MaxReportSamples", "0"));
    CU_ASSERT_PTR_NULL(fake_get(fake, M "SampleEnable"));
    CU_ASSERT_EQUAL(fake_set(fake, S "AVPlayers.PreferredAudioLanguage", "de"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, TR069_REQUEST_DENIED);
    end(fake);
}

static void test_what_is_printed(void) {
    struct fake_host *fake = begin();
    prints(fake, "# all well\r\nComponents.FrontEnd.1.Status=Enabled\nAVStreams.AVStream.2.Status=Error\n"
                 "Components.AudioOutput.1.AudioLevel=35\nComponents.AudioOutput.1.AudioFormat=HDMI\n"
                 "AVPlayers.AVPlayer.1.MainStream=AVStreams.AVStream.2");
    look(fake);
    CU_ASSERT_EQUAL(runs_of(fake, "player status read"), 2); /* one at the start */
    CU_ASSERT_TRUE(is(fake, S "Components.FrontEnd.1.Status", "Enabled"));
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.AudioLevel", "35"));
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.AudioFormat", "HDMI"));
    CU_ASSERT_TRUE(is(fake, S "AVStreams.ActiveAVStreams", "1"));
    CU_ASSERT_TRUE(is(fake, S "AVPlayers.ActiveAVPlayers", "0"));
    CU_ASSERT_TRUE(is(fake, S "AVPlayers.AVPlayer.1.MainStream", "Device." S "AVStreams.AVStream.2"));
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." S "Components.FrontEnd.1.Status"), 1);
    look(fake);
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." S "Components.FrontEnd.1.Status"), 1);
    CU_ASSERT_FALSE(fake_logged(fake, TR069_WARNING, ""));
    end(fake);
}

static void test_what_is_printed_wrong(void) {
    static const char *const lines[] = {
        "nonsense",
        "=",
        "Components.FrontEnd.2.Status=Enabled",
        "Components.FrontEnd.1.Status=On",
        "Components.FrontEnd.1.Alias=mine",
        "ServiceMonitoring.SampleEnable=true",
        "ServiceMonitoring.MainStream.1.Enable=false",
        "ServiceMonitoring.MainStream.3.RTPStats.PacketsLost=1",
        "ServiceMonitoring.MainStream.1.RTPStats.PacketsLost=-1",
        "ServiceMonitoring.MainStream.1.RTPStats.PacketsLost=18446744073709551615",
        "ServiceMonitoring.MainStream.1.RTPStats.Nothing=1",
        "ServiceMonitoring.MainStream.1.PVRTimeShift=1",
        "ServiceMonitoring.MainStream.1.VideoResponseStats.VideoSystemResponse=1:x",
        "ServiceMonitoring.MainStream.1.VideoResponseStats.MinimumVideoSystemResponse=1"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct fake_host *fake = begin();
        prints(fake, lines[i]);
        look(fake);
        if (!fake_logged(fake, TR069_WARNING, "which this model does not have")) {
            (void) fprintf(stderr, "accepted: %s\n", lines[i]);
            CU_ASSERT_TRUE(false);
        }
        const size_t logged = fake->logs.count;
        look(fake);
        CU_ASSERT_TRUE(fake->logs.count > logged);
        CU_ASSERT_EQUAL(fake->logs.pairs[fake->logs.count - 1].number, TR069_DEBUG); /* once is enough */
        CU_ASSERT_TRUE(is(fake, S "Components.FrontEnd.1.Status", "Disabled"));
        CU_ASSERT_TRUE(is(fake, ROW "Enable", "true"));
        end(fake);
    }
}

static void test_sessions_wait_for_one_reading(void) {
    struct fake_host *fake = begin();
    fake_advance(fake, 1500);
    const size_t before = fake->runs.count;
    CU_ASSERT_EQUAL(fake_refresh(fake, "Services.STBService.{i}.AVStreams."), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake_refresh(fake, "Services.STBService.{i}.AVPlayers."), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake->refreshed, 0);
    fake_settle(fake);
    CU_ASSERT_TRUE(fake->refreshed > 2);
    CU_ASSERT_EQUAL(fake->runs.count, before + 1);
    CU_ASSERT_EQUAL(fake_refresh(fake, "Services.STBService.{i}.AVPlayers."), TR069_OK); /* it is fresh */
    fake_program(fake, "player", 1, "Components.FrontEnd.1.Status=Enabled\n");
    look(fake);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "player failed"));
    CU_ASSERT_TRUE(is(fake, S "Components.FrontEnd.1.Status", "Disabled"));
    CU_ASSERT_TRUE(is(fake, ROW "Status", "Error"));
    fake_advance(fake, 2000); /* it is not waited for, but asked */
    CU_ASSERT_EQUAL(fake_refresh(fake, "Services.STBService.{i}.AVPlayers."), TR069_OK);
    CU_ASSERT_EQUAL(fake->runs.count, before + 3);
    end(fake);
}

/* ---- What the ACS sets ------------------------------------------------------------------------ */

static void test_the_player_is_told(void) {
    struct fake_host *fake = begin();
    prints(fake, "Components.AudioOutput.1.AudioLevel=35\n");
    fake_advance(fake, 2000);
    CU_ASSERT_EQUAL(fake_refresh(fake, "Services.STBService.{i}.AVPlayers."), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake_set_all(fake, S "Components.AudioOutput.1.AudioLevel", "40",
                                 S "AVPlayers.PreferredAudioLanguage", "de -x"),
                    TR069_APPLIED_LATER);
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.AudioLevel", "40"));
    prints(fake, "Components.AudioOutput.1.AudioLevel=40\n");
    fake_settle(fake); /* the reading that was under way does not know of it */
    CU_ASSERT_EQUAL(runs_of(fake, "player-set Components.AudioOutput.1.AudioLevel=40"), 1);
    CU_ASSERT_EQUAL(runs_of(fake, "player-set AVPlayers.PreferredAudioLanguage=de -x"), 1);
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." S "Components.AudioOutput.1.AudioLevel"), 0);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.AudioLevel", "40"));
    CU_ASSERT_TRUE(is(fake, S "AVPlayers.PreferredAudioLanguage", "de -x"));
    fake_settle(fake); /* the level it prints, so it knows; the language it may have forgotten */
    CU_ASSERT_EQUAL(runs_of(fake, "player-set Components.AudioOutput.1.AudioLevel=40"), 1);
    CU_ASSERT_EQUAL(runs_of(fake, "player-set AVPlayers.PreferredAudioLanguage=de -x"), 2);
    prints(fake, "Components.AudioOutput.1.AudioLevel=20\n"); /* somebody at the box */
    look(fake);
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.AudioLevel", "20"));
    prints(fake, "");
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.AudioLevel", "0")); /* nobody knows any more */
    end(fake);
}

static void test_a_power_cut_before_it_is_told(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_set(fake, S "Components.AudioOutput.1.AudioLevel", "40"), TR069_APPLIED_LATER);
    CU_ASSERT_EQUAL(fake_set(fake, S "Components.AudioOutput.1.CancelMute", "true"), TR069_APPLIED_LATER);
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.CancelMute", "false"));
    prints(fake, "Components.AudioOutput.1.AudioLevel=35\n");
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    fake_list_clear(&fake->runs);
    fake_settle(fake);
    CU_ASSERT_EQUAL(runs_of(fake, "player-set Components.AudioOutput.1.CancelMute=true"), 1);
    CU_ASSERT_EQUAL(fake_set(fake, S "Components.AudioOutput.1.CancelMute", "true"), TR069_APPLIED_LATER);
    fake_settle(fake);
    CU_ASSERT_EQUAL(runs_of(fake, "player-set Components.AudioOutput.1.CancelMute=true"), 2);
    CU_ASSERT_EQUAL(fake_set(fake, S "Components.AudioOutput.1.CancelMute", "false"), TR069_APPLIED_LATER);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    fake_settle(fake);
    CU_ASSERT_EQUAL(runs_of(fake, "player-set Components.AudioOutput.1.CancelMute=true"), 2);
    CU_ASSERT_EQUAL(runs_of(fake, "player-set Components.AudioOutput.1.CancelMute=false"), 0);
    end(fake);
}

static void test_a_player_that_refuses(void) {
    struct fake_host *fake = begin();
    prints(fake, "Components.AudioOutput.1.AudioLevel=35\n");
    look(fake);
    fake_program(fake, "player-set", 1, "");
    CU_ASSERT_EQUAL(fake_set(fake, S "Components.AudioOutput.1.AudioLevel", "40"), TR069_APPLIED_LATER);
    for (int i = 0; i < 4; i++) {
        fake_settle(fake);
        fake_advance(fake, 30000);
    }
    CU_ASSERT_EQUAL(runs_of(fake, "player-set Components.AudioOutput.1.AudioLevel=40"), 3);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "not in force"));
    look(fake);
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.AudioLevel", "35"));
    CU_ASSERT_EQUAL(fake->state.count, 0);
    end(fake);
}

static void test_a_request_that_fails(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_set_all(fake, S "Components.AudioOutput.1.AudioLevel", "40", S "Enable", "false",
                                 ROW "Enable", "false", ROW "Total.Reset", "true", M "ForceSample", "true",
                                 M "MainStream.2.ServiceType", "Nothing"),
                    TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, TR069_INVALID_VALUE);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.AudioLevel", "0"));
    CU_ASSERT_TRUE(is(fake, S "Enable", "true"));
    CU_ASSERT_TRUE(is(fake, ROW "Enable", "true"));
    CU_ASSERT_EQUAL(fake->state.count, 0);
    CU_ASSERT_EQUAL(runs_of(fake, "player status read"), 1);
    CU_ASSERT_EQUAL(fake_set(fake, M "FetchSamples", "2"), TR069_OK); /* takes nothing of it along */
    fake_settle(fake);
    CU_ASSERT_EQUAL(runs_of(fake, "player status read"), 1);
    CU_ASSERT_EQUAL(fake->state.count, 1);
    end(fake);
}

static void test_no_stream_counts_twice(void) {
    static const struct {
        const char *first, *second;
        bool clash;
    } cases[] = {{"IPTV", "IPTV", true}, {"IPTV", "VoD", false},   {"IP", "VoD", true},
                 {"IP", "TEST", false},  {"IP-All", "TEST", true}, {"IP-All", "DTT", false},
                 {"PVR", "PVR", true},   {"", "", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake_host *fake = begin();
        int r = fake_set_all(fake, ROW "ServiceType", cases[i].first, M "MainStream.2.ServiceType",
                             cases[i].second);
        CU_ASSERT_EQUAL(r, cases[i].clash ? TR069_FAULT : TR069_OK);
        CU_ASSERT_TRUE(is(fake, ROW "ServiceType", cases[i].clash ? "IPTV" : cases[i].first));
        CU_ASSERT_TRUE(is(fake, M "MainStream.2.ServiceType", cases[i].clash ? "" : cases[i].second));
        CU_ASSERT_EQUAL(fake_set_all(fake, ROW "Enable", "false", ROW "ServiceType", cases[i].first,
                                     M "MainStream.2.ServiceType", cases[i].second),
                        TR069_OK);
        CU_ASSERT_TRUE(is(fake, ROW "Status", "Disabled"));
        CU_ASSERT_EQUAL(fake_set(fake, ROW "Enable", "true"), cases[i].clash ? TR069_FAULT : TR069_OK);
        end(fake);
    }
}

/* ---- Totals ----------------------------------------------------------------------------------- */

static void test_totals(void) {
    struct fake_host *fake = make(TR069_DEV2);
    prints(fake, PRINTED "RTPStats.PacketsReceived=5000\n");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Status", "Enabled"));
    CU_ASSERT_TRUE(is(fake, M "MainStream.2.Status", "Disabled"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "0")); /* they were there before */
    prints(fake, PRINTED "RTPStats.PacketsReceived=5100\n" PRINTED "RTPStats.PacketsLost=3\n"
                         "ServiceMonitoring.MainStream.2.RTPStats.PacketsReceived=7\n");
    look(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "100"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsLost", "3"));                /* begun since */
    CU_ASSERT_TRUE(is(fake, M "MainStream.2.Total.RTPStats.PacketsReceived", "0")); /* disabled */
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.TotalSeconds", "2"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.TotalSeconds", "2"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.MPEG2TSStats.TotalSeconds", "0"));
    prints(fake, PRINTED "RTPStats.PacketsReceived=40\n" PRINTED "RTPStats.PacketsLost=3\n"); /* begun anew */
    look(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "140"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.ResetTime", "4"));
    prints(fake, PRINTED "RTPStats.PacketsReceived=4294967296\n" PRINTED "RTPStats.Seconds=100\n");
    look(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "100")); /* wraps within its type */
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.TotalSeconds", "104"));
    end(fake);
}

static void test_reset(void) {
    struct fake_host *fake = begin();
    prints(fake, PRINTED "RTPStats.PacketsReceived=100\n" PRINTED
                         "VideoResponseStats.VideoSystemResponse=50:900\n");
    look(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Total.VideoResponseStats.MinimumVideoSystemResponse", "50"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.VideoResponseStats.MaximumVideoSystemResponse", "900"));
    prints(fake, PRINTED "RTPStats.PacketsReceived=130\n" PRINTED
                         "VideoResponseStats.VideoSystemResponse=50:900\n");
    CU_ASSERT_EQUAL(fake_set(fake, ROW "Total.Reset", "true"), TR069_OK);
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "0"));
    fake_settle(fake); /* what came before the reset is not counted after it */
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "0"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.Reset", "false"));
    prints(fake, PRINTED "RTPStats.PacketsReceived=131\n" PRINTED
                         "VideoResponseStats.VideoSystemResponse=50:900:400\n");
    look(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "1"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.VideoResponseStats.MinimumVideoSystemResponse", "400"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.VideoResponseStats.MaximumVideoSystemResponse", "400"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.ResetTime", "2"));
    CU_ASSERT_EQUAL(fake_set(fake, ROW "Total.Reset", "false"), TR069_OK);
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "1"));
    CU_ASSERT_EQUAL(fake_set(fake, ROW "Enable", "false"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, ROW "Enable", "true"), TR069_OK); /* enabled anew: counted anew */
    look(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "0"));
    end(fake);
}

/* ---- Samples ---------------------------------------------------------------------------------- */

/* 100 packets a second since the start, one of them lost. */
static void stream(struct fake_host *fake, unsigned seconds) {
    char text[512];
    (void) snprintf(text, sizeof text,
                    PRINTED "RTPStats.PacketsReceived=%u\n" PRINTED "RTPStats.PacketsLost=%u\n",
                    100 * seconds, seconds);
    prints(fake, text);
}

static struct fake_host *sample(const char *interval, const char *report) {
    struct fake_host *fake = begin();
    stream(fake, 0);
    CU_ASSERT_EQUAL(
        fake_set_all(fake, M "SampleInterval", interval, M "ReportSamples", report, M "SampleEnable", "true"),
        TR069_OK);
    fake_settle(fake);
    return fake;
}

/* The time in which the stream goes on, by steps of ms. */
static void pass(struct fake_host *fake, unsigned *seconds, unsigned more) {
    *seconds += more;
    stream(fake, *seconds);
    fake_advance(fake, more * UINT64_C(1000));
    fake_settle(fake);
}

static void test_samples(void) {
    struct fake_host *fake = begin();
    unsigned seconds = 0;
    CU_ASSERT_TRUE(is(fake, M "SampleState", "Disabled"));
    CU_ASSERT_TRUE(is(fake, M "ReportStartTime", "0001-01-01T00:00:00Z"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", ""));
    end(fake);
    fake = sample("10", "3"); /* 2026-01-02T03:04:05Z */
    CU_ASSERT_TRUE(is(fake, M "SampleState", "Enabled"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", ""));
    pass(fake, &seconds, 10);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsLost", "10"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.MPEG2TSStats.TSPacketsReceived", "0"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.MPEG2TSStats.SampleSeconds", "0"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.PVRTimeShift", "false"));
    CU_ASSERT_TRUE(is(fake, M "MainStream.2.Sample.RTPStats.PacketsReceived", "0"));
    CU_ASSERT_TRUE(is(fake, M "ReportStartTime", "2026-01-02T03:04:05Z"));
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T03:04:15Z"));
    pass(fake, &seconds, 4);
    look(fake); /* a session within the interval changes nothing */
    pass(fake, &seconds, 4);
    seconds += 2;
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,800"));
    pass(fake, &seconds, 10);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,800,1200"));
    pass(fake, &seconds, 10);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "800,1200,1000"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,10,10"));
    CU_ASSERT_TRUE(is(fake, M "ReportStartTime", "2026-01-02T03:04:15Z"));
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T03:04:45Z"));
    CU_ASSERT_EQUAL(runs_of(fake, "player status sample"), 5);
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." M "SampleState"), 0);
    end(fake);
}

static void test_all_kinds_of_figures(void) {
    struct fake_host *fake = sample("10", "5");
    prints(fake, PRINTED "PVRTimeShift=true\n" PRINTED "SignificantChanges=2\n" PRINTED
                         "RTPStats.MaximumLossPeriod=7\n" PRINTED
                         "VideoResponseStats.VideoSystemResponse=100:50:151\n" PRINTED
                         "AudioDecoderStats.Seconds=4\n");
    fake_advance(fake, 10000);
    fake_settle(fake);
    prints(fake,
           PRINTED "PVRTimeShift=false\n" PRINTED "SignificantChanges=2\n" PRINTED
                   "VideoResponseStats.VideoSystemResponse=\n" PRINTED "AudioDecoderStats.Seconds=12\n");
    fake_advance(fake, 10000);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.PVRTimeShift", "true,false"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SignificantChanges", "2,0"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.MaximumLossPeriod", "7,0"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.VideoResponseStats.AverageVideoSystemResponse", "100,0"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.VideoResponseStats.MinimumVideoSystemResponse", "50,0"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.VideoResponseStats.MaximumVideoSystemResponse", "151,0"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.AudioDecoderStats.SampleSeconds", "4,8"));
    CU_ASSERT_PTR_NULL(
        fake_get(fake, ROW "Sample.VideoDecoderStats.FrameRate")); /* VideoPerfMon is not here */
    end(fake);
}

static void test_force_sample(void) {
    struct fake_host *fake = sample("10", "2");
    unsigned seconds = 0;
    pass(fake, &seconds, 10);
    pass(fake, &seconds, 3);
    CU_ASSERT_EQUAL(fake_set(fake, M "ForceSample", "true"), TR069_OK);
    CU_ASSERT_EQUAL(fake_refresh(fake, "Services.STBService.{i}.ServiceMonitoring."), TR069_DEFERRED);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, M "ForceSample", "false"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,300"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,3"));
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T03:04:18Z"));
    pass(fake, &seconds, 3);
    look(fake); /* reading is not forcing */
    seconds += 2;
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,3"));
    stream(fake, seconds);
    CU_ASSERT_EQUAL(fake_set(fake, M "ForceSample", "true"), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,800")); /* updated, not added */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,8"));
    CU_ASSERT_EQUAL(fake_set(fake, M "ForceSample", "false"), TR069_OK);
    pass(fake, &seconds, 2); /* the schedule is as it was */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,1000"));
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T03:04:25Z"));
    pass(fake, &seconds, 1);
    CU_ASSERT_EQUAL(fake_set(fake, M "ForceSample", "true"), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,100")); /* the oldest goes */
    CU_ASSERT_TRUE(is(fake, M "ReportStartTime", "2026-01-02T03:04:15Z"));
    pass(fake, &seconds, 9);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,1000"));
    end(fake);
}

static void test_fetch_samples(void) {
    struct fake_host *fake = sample("10", "4");
    unsigned seconds = 0;
    CU_ASSERT_EQUAL(fake_set(fake, M "FetchSamples", "3"), TR069_OK);
    for (size_t i = 1; i <= 7; i++) {
        stream(fake, seconds += 10);
        fake_advance(fake, 10000);
        const size_t before = fake_list_count(&fake->changes, "Device." M "SampleState");
        CU_ASSERT_EQUAL(before, (i - 1) / 3); /* not before the sample is there */
        fake_settle(fake);
        CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." M "SampleState"), i / 3);
        CU_ASSERT_TRUE(is(fake, M "SampleState", "Enabled"));
    }
    CU_ASSERT_EQUAL(fake_set(fake, M "FetchSamples", "5"), TR069_OK); /* more than there are: none */
    for (size_t i = 0; i < 6; i++) {
        pass(fake, &seconds, 10);
    }
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." M "SampleState"), 2);
    end(fake);
}

static void test_time_reference(void) {
    struct fake_host *fake = begin(); /* 03:04:05 */
    unsigned seconds = 0;
    stream(fake, 0);
    CU_ASSERT_EQUAL(fake_set_all(fake, M "SampleInterval", "60", M "ReportSamples", "5", M "FetchSamples",
                                 "2", M "TimeReference", "2030-06-01T00:00:00Z", M "SampleEnable", "true"),
                    TR069_OK);
    fake_settle(fake);
    pass(fake, &seconds, 55); /* the first is short */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "55"));
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T03:05:00Z"));
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." M "SampleState"), 0);
    pass(fake, &seconds, 60); /* 03:06:00, an even minute: a multiple of the fetch interval */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "55,60"));
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." M "SampleState"), 1);
    fake->wall_s += 20; /* the clock is set: the schedule is that of the clock */
    pass(fake, &seconds, 60);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "55,60,60"));
    pass(fake, &seconds, 40);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "55,60,60,40"));
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T03:08:00Z"));
    end(fake);
}

static void test_without_a_clock(void) {
    struct fake_host *fake = make(TR069_DEV2);
    unsigned seconds = 0;
    fake->wall_s = TR069_TIME_UNKNOWN;
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_settle(fake);
    stream(fake, 0);
    CU_ASSERT_EQUAL(fake_set_all(fake, M "SampleInterval", "60", M "TimeReference",
                                 "2030-06-01T01:00:00+01:00", M "SampleEnable", "true"),
                    TR069_FAULT); /* the fake knows Z only */
    CU_ASSERT_EQUAL(fake_set_all(fake, M "SampleInterval", "60", M "TimeReference", "2030-06-01T00:00:00Z",
                                 M "SampleEnable", "true"),
                    TR069_OK);
    fake_settle(fake);
    pass(fake, &seconds, 60);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "60"));
    CU_ASSERT_TRUE(is(fake, M "ReportStartTime", "0001-01-01T00:00:00Z"));
    fake->wall_s = 1767323045; /* 03:04:05 */
    CU_ASSERT_TRUE(is(fake, M "ReportStartTime", "2026-01-02T03:03:05Z"));
    pass(fake, &seconds, 60); /* 03:05:05 */
    pass(fake, &seconds, 55); /* and by the reference from now on */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "60,60,55"));
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T03:06:00Z"));
    end(fake);
}

static void test_a_box_that_slept(void) {
    struct fake_host *fake = sample("10", "4");
    unsigned seconds = 0;
    CU_ASSERT_EQUAL(fake_set(fake, M "FetchSamples", "4"), TR069_OK);
    pass(fake, &seconds, 10);
    pass(fake, &seconds, 5);
    fake_clocks(fake, fake->now_ms + 26000); /* no timer fires */
    fake_advance(fake, 0);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,500,0,0"));
    CU_ASSERT_TRUE(is(fake, M "ReportStartTime", "2026-01-02T03:04:05Z"));
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T03:04:45Z"));
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." M "SampleState"), 1);
    pass(fake, &seconds, 9); /* the schedule goes on */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "500,0,0,900"));
    fake_clocks(fake, fake->now_ms + 86400000);
    fake_advance(fake, 0);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "0,0,0,0"));
    end(fake);
}

static void test_a_program_that_hangs(void) {
    struct fake_host *fake = sample("10", "5");
    unsigned seconds = 0;
    pass(fake, &seconds, 10);
    fake_program(fake, "player", -ETIMEDOUT, "");
    fake_advance(fake, 10000);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,0"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,0"));
    seconds += 10;
    pass(fake, &seconds, 10); /* of which interval these are is not known */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,0,0"));
    CU_ASSERT_TRUE(is(fake, ROW "Total.RTPStats.PacketsReceived", "3000"));
    pass(fake, &seconds, 10);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,0,0,1000"));
    stream(fake, seconds += 10);
    fake_advance(fake, 20000); /* it ends only in the next interval */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,0,0,10,0"));
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T03:05:05Z"));
    end(fake);
}

static void test_changed_settings(void) {
    struct fake_host *fake = sample("10", "5");
    unsigned seconds = 0;
    for (int i = 0; i < 4; i++) {
        pass(fake, &seconds, 10);
    }
    CU_ASSERT_EQUAL(fake_set(fake, M "ReportSamples", "2"), TR069_OK);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,10"));
    CU_ASSERT_TRUE(is(fake, M "ReportStartTime", "2026-01-02T03:04:25Z"));
    CU_ASSERT_EQUAL(fake_set(fake, M "ReportSamples", "3"), TR069_OK);
    pass(fake, &seconds, 10); /* collecting went on meanwhile */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "1000,1000,1000"));
    CU_ASSERT_EQUAL(fake_set(fake, M "SampleEnable", "true"), TR069_OK); /* it is: nothing happens */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,10,10"));
    CU_ASSERT_EQUAL(fake_set(fake, M "SampleEnable", "false"), TR069_OK);
    CU_ASSERT_TRUE(is(fake, M "SampleState", "Disabled"));
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,10,10"));
    CU_ASSERT_EQUAL(fake_set(fake, M "ForceSample", "true"), TR069_OK);
    pass(fake, &seconds, 20);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10,10,10"));
    CU_ASSERT_EQUAL(fake_set(fake, M "SampleEnable", "true"), TR069_OK);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", ""));
    fake_settle(fake);
    pass(fake, &seconds, 10);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "10"));
    CU_ASSERT_EQUAL(fake_set(fake, M "SampleInterval", "20"), TR069_OK);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", ""));
    fake_settle(fake);
    pass(fake, &seconds, 20);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "20"));
    CU_ASSERT_EQUAL(fake_set(fake, M "SampleInterval", "4"), TR069_FAULT); /* MinSampleInterval */
    CU_ASSERT_EQUAL(fake_set(fake, M "ReportSamples", "21"), TR069_FAULT); /* MaxReportSamples */
    CU_ASSERT_EQUAL(fake->fault.code, TR069_INVALID_VALUE);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0); /* what the ACS set stays */
    fake_settle(fake);
    pass(fake, &seconds, 20);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.SampleSeconds", "20"));
    fake->plugin->forget(fake->ctx);
    CU_ASSERT_TRUE(is(fake, M "SampleEnable", "false"));
    CU_ASSERT_PTR_NULL(fake->timers);
    end(fake);
}

int main(void) {
    FAKE_TESTS("stb-service", {"what is declared", test_what_is_declared}, {"references", test_references},
               {"declarations that are wrong", test_declarations_that_are_wrong},
               {"profiles that are wrong", test_profiles_that_are_wrong},
               {"without anything", test_without_anything}, {"what is printed", test_what_is_printed},
               {"what is printed wrong", test_what_is_printed_wrong},
               {"sessions wait for one reading", test_sessions_wait_for_one_reading},
               {"the player is told", test_the_player_is_told},
               {"a power cut before it is told", test_a_power_cut_before_it_is_told},
               {"a player that refuses", test_a_player_that_refuses},
               {"a request that fails", test_a_request_that_fails},
               {"no stream counts twice", test_no_stream_counts_twice}, {"totals", test_totals},
               {"reset", test_reset}, {"samples", test_samples},
               {"all kinds of figures", test_all_kinds_of_figures}, {"ForceSample", test_force_sample},
               {"FetchSamples", test_fetch_samples}, {"TimeReference", test_time_reference},
               {"without a clock", test_without_a_clock}, {"a box that slept", test_a_box_that_slept},
               {"a program that hangs", test_a_program_that_hangs},
               {"changed settings", test_changed_settings});
}
