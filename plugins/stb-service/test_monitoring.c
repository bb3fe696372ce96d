/* The plugin "stb-service" against the fake host: totals and samples. */
#include "test_box.h"

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

/* Active notification of what a reading brings, and of nothing else. */
static void test_changes_are_told(void) {
    struct fake_host *fake = sample("10", "1");
    unsigned seconds = 0;
    pass(fake, &seconds, 10);
    static const struct {
        const char *name;
        size_t first, second;
    } cases[] = {{ROW "Total.RTPStats.PacketsLost", 1, 2},
                 {ROW "Total.RTPStats.TotalSeconds", 1, 2},
                 {ROW "Total.RTPStats.LossEvents", 0, 0},
                 {ROW "Total.VideoResponseStats.MinimumVideoSystemResponse", 0, 1},
                 {ROW "Sample.RTPStats.PacketsLost", 1, 1}, /* the same text again */
                 {ROW "Sample.VideoResponseStats.MinimumVideoSystemResponse", 1, 2},
                 {M "ReportEndTime", 1, 2},
                 {ROW "Status", 0, 0},
                 {S "AVStreams.ActiveAVStreams", 0, 1},
                 {S "AVPlayers.ActiveAVPlayers", 0, 0}};
    enum { CASES = sizeof cases / sizeof cases[0] };
    char name[TR069_NAME_MAX];
    for (size_t i = 0; i < CASES; i++) {
        (void) snprintf(name, sizeof name, "Device.%s", cases[i].name);
        CU_ASSERT_EQUAL(fake_list_count(&fake->changes, name), cases[i].first);
    }
    prints(fake, PRINTED "RTPStats.PacketsReceived=2000\n" PRINTED "RTPStats.PacketsLost=20\n" PRINTED
                         "VideoResponseStats.VideoSystemResponse=70\nAVStreams.AVStream.1.Status=Enabled\n");
    fake_advance(fake, 10000);
    fake_settle(fake);
    for (size_t i = 0; i < CASES; i++) {
        (void) snprintf(name, sizeof name, "Device.%s", cases[i].name);
        CU_ASSERT_EQUAL(fake_list_count(&fake->changes, name), cases[i].second);
    }
    fake_program(fake, "player", 1, "");
    fake_advance(fake, 10000);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device." ROW "Status"), 1);
    CU_ASSERT_TRUE(is(fake, ROW "Status", "Error"));
    end(fake);
}

/* What was counted before sampling began is in no sample, even if the program is silent then. */
static void test_a_program_that_is_silent_at_the_beginning(void) {
    struct fake_host *fake = begin();
    unsigned seconds = 50;
    stream(fake, seconds);
    look(fake);
    fake_program(fake, "player", 1, "");
    CU_ASSERT_EQUAL(fake_set_all(fake, M "SampleInterval", "10", M "SampleEnable", "true"), TR069_OK);
    fake_settle(fake);
    fake_advance(fake, 10000);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "0"));
    CU_ASSERT_EQUAL(fake_set(fake, M "SampleEnable", "false"), TR069_OK);
    for (int i = 0; i < 2; i++) {
        stream(fake, seconds += 50);
        look(fake);
    }
    CU_ASSERT_EQUAL(fake_set(fake, M "SampleEnable", "true"), TR069_OK);
    fake_advance(fake, 20000); /* it does not answer in a whole interval */
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "0"));
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "0,0"));
    end(fake);
}

static void test_a_clock_that_is_set(void) {
    struct fake_host *fake = sample("10", "2");
    unsigned seconds = 0;
    pass(fake, &seconds, 4);
    fake->wall_s -= 3600;
    pass(fake, &seconds, 6);
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T02:04:15Z"));
    pass(fake, &seconds, 10);
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "2026-01-02T02:04:25Z"));
    fake->wall_s = TR069_TIME_UNKNOWN; /* it is lost again */
    pass(fake, &seconds, 10);
    CU_ASSERT_TRUE(is(fake, M "ReportEndTime", "0001-01-01T00:00:00Z"));
    end(fake);
}

/* What is cut in the middle of a number is no number. */
static void test_a_program_that_prints_too_much(void) {
    static char output[70000];
    struct fake_host *fake = begin();
    static const char first[] = "Components.AudioOutput.1.AudioLevel=7\n",
                      last[] = "Components.AudioOutput.1.AudioLevel=55\n";
    memset(output, '#', sizeof output - 1);
    memcpy(output, first, sizeof first - 1);
    output[sizeof first - 1 + 20] = '\n';
    memcpy(output + 65536 - (sizeof last - 2), "\n", 1);
    memcpy(output + 65536 - (sizeof last - 3), last, sizeof last - 1); /* the second 5 and its end are cut */
    prints(fake, output);
    look(fake);
    CU_ASSERT_TRUE(is(fake, S "Components.AudioOutput.1.AudioLevel", "7"));
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "too long"));
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
    CU_ASSERT_TRUE(is(fake, ROW "Sample.RTPStats.PacketsReceived", "0,0,1000,0,0"));
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
    FAKE_TESTS(
        "stb-service: monitoring", {"totals", test_totals}, {"reset", test_reset}, {"samples", test_samples},
        {"all kinds of figures", test_all_kinds_of_figures}, {"ForceSample", test_force_sample},
        {"FetchSamples", test_fetch_samples}, {"changes are told", test_changes_are_told},
        {"a program that is silent at the beginning", test_a_program_that_is_silent_at_the_beginning},
        {"a clock that is set", test_a_clock_that_is_set},
        {"a program that prints too much", test_a_program_that_prints_too_much},
        {"TimeReference", test_time_reference}, {"without a clock", test_without_a_clock},
        {"a box that slept", test_a_box_that_slept}, {"a program that hangs", test_a_program_that_hangs},
        {"changed settings", test_changed_settings});
}
