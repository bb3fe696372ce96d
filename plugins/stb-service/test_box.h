/* plugins/stb-service: the box of its tests. */
#ifndef STB_SERVICE_TEST_BOX_H
#define STB_SERVICE_TEST_BOX_H

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

static inline struct fake_host *make(enum tr069_root root) {
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    fake_option_items(fake, "values", declared);
    fake_option_items(fake, "command", command);
    fake_option_items(fake, "set", set);
    fake_option_items(fake, "profiles", monitors);
    fake_program(fake, "player", 0, "");
    fake_program(fake, "player-set", 0, "");
    return fake;
}

static inline struct fake_host *begin(void) {
    struct fake_host *fake = make(TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_settle(fake);
    return fake;
}

static inline void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static inline bool is(struct fake_host *fake, const char *name, const char *value) {
    const char *now = fake_get(fake, name);
    if (now == NULL || strcmp(now, value) != 0) {
        (void) fprintf(stderr, "%s is %s, not %s\n", name, now != NULL ? now : "(null)", value);
    }
    return now != NULL && strcmp(now, value) == 0;
}

static inline size_t runs_of(const struct fake_host *fake, const char *line) {
    return fake_list_count(&fake->runs, line);
}

/* What the program prints from now on; a session reads it. */
static inline void prints(struct fake_host *fake, const char *output) {
    fake_program(fake, "player", 0, output);
}
static inline void look(struct fake_host *fake) {
    fake_advance(fake, 2000); /* older than the cache */
    CU_ASSERT_TRUE(fake_refresh(fake, "Services.STBService.{i}.Components.FrontEnd.{i}.") >= 0);
    fake_settle(fake);
}

#endif
