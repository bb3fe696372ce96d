/* The plugin "stb-service" against the fake host: values, and what the ACS sets. */
#include "test_box.h"

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
    fake_settle(fake);
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

/* At the start nobody knows yet; it is not told as a change, then and afterwards. */
static void test_before_the_first_reading(void) {
    struct fake_host *fake = make(TR069_DEV2);
    prints(fake, "AVStreams.AVStream.1.Status=Enabled\n");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_PTR_NULL(fake_get(fake, S "AVStreams.AVStream.1.Status"));
    CU_ASSERT_PTR_NULL(fake_get(fake, S "AVStreams.AVStream.1.FrontEnd"));
    CU_ASSERT_PTR_NULL(fake_get(fake, S "AVStreams.ActiveAVStreams"));
    CU_ASSERT_TRUE(is(fake, S "Capabilities.MaxActiveAVStreams", "-1"));
    CU_ASSERT_TRUE(is(fake, M "SampleEnable", "false"));
    CU_ASSERT_EQUAL(fake_refresh(fake, "Services.STBService.{i}.AVStreams."), TR069_DEFERRED);
    fake_advance(fake, 1000); /* as long as a session waits */
    CU_ASSERT_TRUE(is(fake, S "AVStreams.AVStream.1.Status", "Disabled"));
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, S "AVStreams.AVStream.1.Status", "Enabled"));
    CU_ASSERT_TRUE(is(fake, S "AVStreams.ActiveAVStreams", "1"));
    CU_ASSERT_EQUAL(fake->changes.count, 0);
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

int main(void) {
    FAKE_TESTS("stb-service", {"what is declared", test_what_is_declared}, {"references", test_references},
               {"declarations that are wrong", test_declarations_that_are_wrong},
               {"profiles that are wrong", test_profiles_that_are_wrong},
               {"without anything", test_without_anything}, {"what is printed", test_what_is_printed},
               {"before the first reading", test_before_the_first_reading},
               {"what is printed wrong", test_what_is_printed_wrong},
               {"sessions wait for one reading", test_sessions_wait_for_one_reading},
               {"the player is told", test_the_player_is_told},
               {"a power cut before it is told", test_a_power_cut_before_it_is_told},
               {"a player that refuses", test_a_player_that_refuses},
               {"a request that fails", test_a_request_that_fails},
               {"no stream counts twice", test_no_stream_counts_twice});
}
