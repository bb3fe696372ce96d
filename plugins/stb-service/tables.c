/* plugins/stb-service: the objects of STBService:1.4 (TR-135), each with the profiles that have it. */
#include "stb.h"

/* ---- Enumerations ----------------------------------------------------------------------------- */

static const char *const states[] = {"Disabled", "Enabled", "Error", NULL};
static const char *const audio_output_states[] = {"Disabled", "Enabled", "Muted", "Error", NULL};
static const char *const video_output_states[] = {"Disabled", "Enabled", "ColorbarEnabled", "Error", NULL};
static const char *const stream_states[] = {
    "Disabled", "Enabled", "Error_PVRWriteFailure", "Error_PVRReadFailure", "Error", NULL};
static const char *const sample_states[] = {"Disabled", "Enabled", "Trigger", NULL};
static const char *const audio_standards[] = {"MPEG1-Part3-Layer2",
                                              "MPEG1-Part3-Layer3",
                                              "MPEG2-Part3 -Layer2",
                                              "MPEG2-Part3-Layer3",
                                              "MPEG2.5",
                                              "MP3-PRO",
                                              "MP3-Surround",
                                              "MPEG2-AAC-LC",
                                              "MPEG4-AAC-LC",
                                              "MPEG4-AAC-MP",
                                              "MPEG4-BSAC",
                                              "MPEG4-AAC-HE-v2",
                                              "MPEG-Surround",
                                              "DOLBY-AC3",
                                              "DOLBY-DD+",
                                              "DTS",
                                              "DTS-HD",
                                              NULL};
static const char *const video_standards[] = {"MPEG2-Part2", "MPEG4-Part2", "MPEG4-Part10", "SMPTE-VC-1",
                                              NULL};
static const char *const mpeg2_profiles[] = {"SP", "MP", "SNR", "Spt", "HP", "4:2:2", NULL};
static const char *const mpeg2_levels[] = {"LL", "ML", "H-14", "HL", NULL};
static const char *const mpeg4_profiles[] = {"SIMPLE",
                                             "SIMPLE SCALABLE",
                                             "CORE",
                                             "CORE SCALABLE",
                                             "ADVANCED CORE",
                                             "MAIN",
                                             "N-BIT",
                                             "ADVANCED REAL TIME SIMPLE",
                                             "ADVANCED CODING EFFICIENCY",
                                             "SIMPLE STUDIO",
                                             "CORE STUDIO",
                                             "ADVANCED SIMPLE",
                                             "FINE GRANULARITY SCALABLE",
                                             "ADVANCED SCALABLE TEXTURE",
                                             "ANIMATED 2D MESH",
                                             "BASIC ANIMATED TEXTURE",
                                             "STILL SCALABLE TEXTURE",
                                             "SIMPLE FACE",
                                             "SIMPLE FBA",
                                             NULL};
static const char *const mpeg4_levels[] = {"L5", "L4", "L4a", "L3b", "L3", "L2", "L1", "L0", NULL};
static const char *const avc_profiles[] = {"BASELINE", "MAIN",       "EXTENDED",   "HIGH",
                                           "HIGH 10",  "HIGH 4:2:2", "HIGH 4:4:4", NULL};
static const char *const avc_levels[] = {"1",   "1b",  "1.1", "1.2", "1.3", "2", "2.1", "2.2", "3",
                                         "3.1", "3.2", "4",   "4.1", "4.2", "5", "5.1", NULL};
static const char *const vc1_profiles[] = {"SP", "MP", "AP", NULL};
static const char *const vc1_levels[] = {"LL", "ML", "HL", "L0", "L1", "L2", "L3", "L4", NULL};
static const char *const audio_formats[] = {"ANALOG-MONO",
                                            "ANALOG-2-CHANNELS",
                                            "ANALOG-5.1-CHANNELS",
                                            "DIGITAL-OPTICAL-SP/DIF",
                                            "DIGITAL-COAXIAL-SP/DIF",
                                            "HDMI",
                                            "RF",
                                            NULL};
static const char *const composite_standards[] = {
    "NTSC-J",  "NTSC-M",  "PAL-B",   "PAL-D",   "PAL-G",   "PAL-H",    "PAL-I",   "PAL-N", "PAL-M",
    "SECAM-B", "SECAM-G", "SECAM-H", "SECAM-D", "SECAM-K", "SECAM-K1", "SECAM-L", NULL};
static const char *const video_formats[] = {"CVBS", "S-Video", "YPrPb", "RGsB", "RGB",
                                            "HDMI", "DVI",     "RF",    NULL};
static const char *const content_ratios[] = {"4:3", "16:9", NULL};
static const char *const ratio_behaviours[] = {"None",
                                               "Letterbox",
                                               "16:9 Letterbox",
                                               "14:9 Letterbox",
                                               "CenterCutOut",
                                               "Combined",
                                               "Combined 16:9 Letterbox and CenterCutOut",
                                               "Combined 14:9 Letterbox and CenterCutOut",
                                               NULL};
const char *const stb_service_types[] = {"IPTV", "VoD", "IP",  "TEST", "IP-All",
                                         "CAB",  "DTT", "SAT", "PVR",  NULL};

/* ---- Kinds of parameters ---------------------------------------------------------------------- */

#define TEXT(most) TR069_STRING, .max_length = (most), .get = stb_value_get
#define NUMBER TR069_UINT, .get = stb_value_get
#define LIMIT TR069_INT, .min = -1, .max = INT32_MAX, .get = stb_value_get
#define ONE_OF(list) TR069_STRING, .values = (list), .get = stb_value_get
#define SOME_OF(list) TR069_STRING, TR069_CSV, .values = (list), .get = stb_value_get
#define NAMES TR069_STRING, TR069_CSV, .max_length = TEXT_MAX, .get = stb_value_get
#define REFERENCE TR069_STRING, .max_length = 256, .get = stb_path_get
#define REFERENCES TR069_STRING, TR069_CSV, .max_length = 256, .get = stb_path_get
#define COUNT(table) TR069_UINT, .entries_of = SERVICE table
#define CAPABILITY TR069_INT, .min = -1, .get = stb_capability_get

/* ---- Baseline --------------------------------------------------------------------------------- */

static const struct tr069_param services_params[] = {
    {"STBServiceNumberOfEntries", TR069_UINT, .entries_of = "Services.STBService."}, {0}};
static const struct tr069_param service_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .value = "true", .get = stb_value_get, .set = stb_player_set},
    {0}};

static const struct tr069_param capabilities_params[] = {
    {"MaxActiveAVStreams", LIMIT}, {"MaxActiveAVPlayers", LIMIT}, {0}};
static const struct tr069_param pvr_params[] = {{"MaxIOStreams", LIMIT},
                                                {"MaxRecordingStreams", LIMIT},
                                                {"MaxPlaybackStreams", LIMIT},
                                                {"MaxTimeDelay", LIMIT, .help = "seconds"},
                                                {0}};
static const struct tr069_param audio_capabilities_params[] = {{"AudioStandards", SOME_OF(audio_standards)},
                                                               {0}};
static const struct tr069_param video_capabilities_params[] = {{"VideoStandards", SOME_OF(video_standards)},
                                                               {0}};

/* A video standard: its object and its table. */
#define STANDARD(name, standard, profile_param, level_param)                                                 \
    static const struct tr069_param name##_params[] = {                                                      \
        {"AudioStandards", SOME_OF(audio_standards)},                                                        \
        {"ProfileLevelNumberOfEntries", COUNT("Capabilities.VideoDecoder." standard ".ProfileLevel.")},      \
        {0}};                                                                                                \
    static const struct tr069_param name##_level_params[] = {                                                \
        TR069_ALIAS_PARAM,                                                                                   \
        profile_param,                                                                                       \
        level_param,                                                                                         \
        {"MaximumDecodingCapability", NUMBER, .help = "kbit/s"},                                             \
        {0}}
#define ENUM(name, list)                                                                                     \
    { name, ONE_OF(list) }
#define SET(name, list)                                                                                      \
    { name, SOME_OF(list) }
STANDARD(mpeg2, "MPEG2Part2", ENUM("Profile", mpeg2_profiles), ENUM("Level", mpeg2_levels));
STANDARD(mpeg4, "MPEG4Part2", ENUM("Profile", mpeg4_profiles), ENUM("Level", mpeg4_levels));
STANDARD(avc, "MPEG4Part10", SET("Profile", avc_profiles), SET("Level", avc_levels));
STANDARD(vc1, "SMPTEVC1", ENUM("Profile", vc1_profiles), ENUM("Level", vc1_levels));

static const struct tr069_param audio_output_capabilities_params[] = {
    {"AudioFormats", SOME_OF(audio_formats)}, {0}};
static const struct tr069_param video_output_capabilities_params[] = {
    {"CompositeVideoStandards", SOME_OF(composite_standards)},
    {"VideoFormats", SOME_OF(video_formats)},
    {"Macrovision", TEXT(32)},
    {"HDCP", TEXT(32)},
    {0}};
static const struct tr069_param ca_params[] = {{"CASystems", NAMES}, {0}};
static const struct tr069_param drm_params[] = {{"DRMSystems", NAMES}, {0}};
static const struct tr069_param monitoring_capabilities_params[] = {
    {"MaxActiveMainStreams", CAPABILITY, .max = STREAMS_MAX},
    {"MinSampleInterval", CAPABILITY, .max = INT32_MAX, .help = "seconds"},
    {"MaxReportSamples", TR069_INT, .max = REPORT_MAX, .get = stb_capability_get},
    {"HighLevelMetricNames", NAMES},
    {0}};

static const struct tr069_param components_params[] = {
    {"FrontEndNumberOfEntries", COUNT("Components.FrontEnd.")},
    {"AudioDecoderNumberOfEntries", COUNT("Components.AudioDecoder.")},
    {"VideoDecoderNumberOfEntries", COUNT("Components.VideoDecoder.")},
    {"AudioOutputNumberOfEntries", COUNT("Components.AudioOutput.")},
    {"VideoOutputNumberOfEntries", COUNT("Components.VideoOutput.")},
    {0}};
#define STATUS(list) TR069_STRING, .value = "Disabled", .values = (list), .get = stb_value_get
static const struct tr069_param front_end_params[] = {
    TR069_ALIAS_PARAM, {"Status", STATUS(states)}, {"Name", TEXT(256)}, {0}};
static const struct tr069_param audio_decoder_params[] = {TR069_ALIAS_PARAM,
                                                          {"Status", STATUS(states)},
                                                          {"Name", TEXT(256)},
                                                          {"AudioStandard", ONE_OF(audio_standards)},
                                                          {0}};
static const struct tr069_param video_decoder_params[] = {TR069_ALIAS_PARAM,
                                                          {"Status", STATUS(states)},
                                                          {"Name", TEXT(256)},
                                                          {"MPEG2Part2", REFERENCE},
                                                          {"MPEG4Part2", REFERENCE},
                                                          {"MPEG4Part10", REFERENCE},
                                                          {"SMPTEVC1", REFERENCE},
                                                          {"ContentAspectRatio", ONE_OF(content_ratios)},
                                                          {0}};
static const struct tr069_param audio_output_params[] = {
    TR069_ALIAS_PARAM,
    {"Status", STATUS(audio_output_states)},
    {"Name", TEXT(256)},
    {"AudioFormat", ONE_OF(audio_formats)},
    {"AudioLevel", TR069_UINT, .max = 100, .get = stb_value_get, .set = stb_player_set},
    {"CancelMute", TR069_BOOLEAN, .value = "false", .set = stb_player_set},
    {0}};
static const struct tr069_param video_output_params[] = {
    TR069_ALIAS_PARAM,
    {"Status", STATUS(video_output_states)},
    {"Name", TEXT(256)},
    {"CompositeVideoStandard", ONE_OF(composite_standards)},
    {"VideoFormat", ONE_OF(video_formats), .set = stb_player_set},
    {"AspectRatioBehaviour", TR069_STRING, .value = "None", .values = ratio_behaviours, .get = stb_value_get},
    {0}};

static const struct tr069_param av_streams_params[] = {
    {"ActiveAVStreams", TR069_UINT, .get = stb_active_get},
    {"AVStreamNumberOfEntries", COUNT("AVStreams.AVStream.")},
    {0}};
static const struct tr069_param av_stream_params[] = {TR069_ALIAS_PARAM,
                                                      {"Status", STATUS(stream_states)},
                                                      {"Name", TEXT(256)},
                                                      {"FrontEnd", REFERENCE},
                                                      {"AudioDecoder", REFERENCE},
                                                      {"VideoDecoder", REFERENCE},
                                                      {0}};
static const struct tr069_param av_players_params[] = {
    {"ActiveAVPlayers", TR069_UINT, .get = stb_active_get},
    {"AVPlayerNumberOfEntries", COUNT("AVPlayers.AVPlayer.")},
    {"PreferredAudioLanguage", TEXT(64), .set = stb_player_set},
    {"PreferredSubtitlingLanguage", TEXT(64), .set = stb_player_set},
    {0}};
static const struct tr069_param av_player_params[] = {TR069_ALIAS_PARAM,
                                                      {"Status", STATUS(states)},
                                                      {"Name", TEXT(256)},
                                                      {"AudioLanguage", TEXT(64)},
                                                      {"SubtitlingStatus", STATUS(states)},
                                                      {"SubtitlingLanguage", TEXT(64)},
                                                      {"AudioOutputs", REFERENCES},
                                                      {"VideoOutputs", REFERENCES},
                                                      {"MainStream", REFERENCE},
                                                      {"PIPStreams", REFERENCES},
                                                      {0}};

/* ---- Monitoring ------------------------------------------------------------------------------- */

static const struct tr069_param service_types_params[] = {{"ServiceTypes", SOME_OF(stb_service_types)}, {0}};
static const struct tr069_param monitoring_params[] = {
    {"SampleEnable", TR069_BOOLEAN, .value = "false", .get = stb_value_get, .set = stb_own_set},
    {"SampleState", TR069_STRING, .values = sample_states, .get = stb_state_get},
    {"SampleInterval", TR069_UINT, .value = "900", .min = 1, .max = UINT32_MAX, .get = stb_value_get,
     .set = stb_own_set, .help = "seconds"},
    {"ReportSamples", TR069_UINT, .value = "96", .min = 1, .max = UINT32_MAX, .get = stb_value_get,
     .set = stb_own_set},
    {"FetchSamples", TR069_UINT, .value = "0", .get = stb_value_get, .set = stb_own_set},
    {"TimeReference", TR069_DATETIME, .value = UNKNOWN_TIME, .get = stb_value_get, .set = stb_own_set},
    {"ForceSample", TR069_BOOLEAN, .value = "false", .set = stb_force_set},
    {"ReportStartTime", TR069_DATETIME, .get = stb_report_start_get},
    {"ReportEndTime", TR069_DATETIME, .get = stb_report_end_get},
    {"MainStreamNumberOfEntries", COUNT(STREAM)},
    {0}};
static const struct tr069_param stream_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .value = "true", .get = stb_value_get, .set = stb_stream_set},
    {"Status", TR069_STRING, .values = states, .get = stb_stream_status_get},
    {"ServiceType", TR069_STRING, .value = "", .get = stb_value_get, .set = stb_stream_set},
    {"AVStream", REFERENCE},
    {"Gmin", NUMBER, .set = stb_stream_set},
    {"SevereLossMinDistance", NUMBER, .set = stb_stream_set},
    {0}};

#define TOTAL TR069_UINT, .get = stb_total_get
/* What grows with every packet is no cause of a session: the model lets the box refuse it. */
#define BUSY_TOTAL TR069_UINT, .notify = TR069_NOTIFY_CAN_DENY, .get = stb_total_get
#define SAMPLES TR069_STRING, TR069_CSV, .get = stb_sample_get

static const struct tr069_param total_params[] = {
    {"TotalSeconds", TOTAL},
    {"Reset", TR069_BOOLEAN, .value = "false", .set = stb_reset_set},
    {"ResetTime", TR069_UINT, .notify = TR069_NOTIFY_CAN_DENY, .get = stb_reset_time_get, .help = "seconds"},
    {0}};
static const struct tr069_param total_buffer_params[] = {
    {"TotalSeconds", TOTAL}, {"Overruns", BUSY_TOTAL}, {"Underruns", BUSY_TOTAL}, {0}};
static const struct tr069_param total_tcp_params[] = {{"TotalSeconds", TOTAL},
                                                      {"PacketsReceived", BUSY_TOTAL},
                                                      {"PacketsRetransmitted", BUSY_TOTAL},
                                                      {"BytesReceived", BUSY_TOTAL},
                                                      {0}};
static const struct tr069_param total_rtp_params[] = {
    {"TotalSeconds", TOTAL}, {"PacketsReceived", BUSY_TOTAL}, {"PacketsLost", TOTAL},
    {"LossEvents", TOTAL},   {"SevereLossIndexCount", TOTAL}, {0}};
static const struct tr069_param total_rtp_ec_params[] = {
    {"PacketsReceivedBeforeEC", BUSY_TOTAL}, {"RetransmitTimeouts", TOTAL},
    {"PacketsLostBeforeEC", TOTAL},          {"LossEventsBeforeEC", TOTAL},
    {"SevereLossIndexCountBeforeEC", TOTAL}, {0}};
static const struct tr069_param total_ts_params[] = {
    {"TotalSeconds", TOTAL}, {"TSPacketsReceived", BUSY_TOTAL}, {"PacketDiscontinuityCounter", TOTAL}, {0}};
static const struct tr069_param total_video_params[] = {{"TotalSeconds", TOTAL}, {"ILostFrames", TOTAL}, {0}};
static const struct tr069_param total_frames_params[] = {{"FrameRate", TOTAL},
                                                         {"LostFrames", TOTAL},
                                                         {"DecodedFrames", BUSY_TOTAL},
                                                         {"IDecodedFrames", BUSY_TOTAL},
                                                         {"ConcealedFrames", TOTAL},
                                                         {"IConcealedFrames", TOTAL},
                                                         {0}};
static const struct tr069_param total_audio_params[] = {
    {"TotalSeconds", TOTAL}, {"DecodedFrames", BUSY_TOTAL}, {"DecodingErrors", TOTAL}, {0}};
static const struct tr069_param total_response_params[] = {
    {"MinimumVideoSystemResponse", TOTAL}, {"MaximumVideoSystemResponse", TOTAL}, {0}};

static const struct tr069_param sample_params[] = {
    {"SampleSeconds", SAMPLES}, {"SignificantChanges", SAMPLES}, {"PVRTimeShift", SAMPLES}, {0}};
static const struct tr069_param metrics_params[] = {
    {"HighLevelMetricStatsNumberOfEntries", TR069_UINT, .value = "0"}, {0}};
static const struct tr069_param sample_buffer_params[] = {
    {"SampleSeconds", SAMPLES}, {"Overruns", SAMPLES}, {"Underruns", SAMPLES}, {0}};
static const struct tr069_param sample_stall_params[] = {{"EmptyBufferTime", SAMPLES}, {0}};
static const struct tr069_param sample_tcp_params[] = {{"SampleSeconds", SAMPLES},
                                                       {"PacketsReceived", SAMPLES},
                                                       {"PacketsRetransmitted", SAMPLES},
                                                       {"BytesReceived", SAMPLES},
                                                       {0}};
static const struct tr069_param sample_rtp_params[] = {
    {"SampleSeconds", SAMPLES},       {"PacketsReceived", SAMPLES},
    {"PacketsExpected", SAMPLES},     {"PacketsLost", SAMPLES},
    {"PacketsLostBeforeEC", SAMPLES}, {"LossEvents", SAMPLES},
    {"MaximumLossPeriod", SAMPLES},   {"SevereLossIndexCount", SAMPLES},
    {"MinimumLossDistance", SAMPLES}, {0}};
static const struct tr069_param sample_rtp_ec_params[] = {{"PacketsReceivedBeforeEC", SAMPLES},
                                                          {"RetransmitTimeouts", SAMPLES},
                                                          {"LossEventsBeforeEC", SAMPLES},
                                                          {"SevereLossIndexCountBeforeEC", SAMPLES},
                                                          {"MinimumLossDistanceBeforeEC", SAMPLES},
                                                          {"MaximumLossPeriodBeforeEC", SAMPLES},
                                                          {0}};
static const struct tr069_param sample_ts_params[] = {{"SampleSeconds", SAMPLES},
                                                      {"TSPacketsReceived", SAMPLES},
                                                      {"TSPacketsDrained", SAMPLES},
                                                      {"PacketDiscontinuityCounter", SAMPLES},
                                                      {0}};
static const struct tr069_param sample_video_params[] = {
    {"SampleSeconds", SAMPLES}, {"ILostFrames", SAMPLES}, {0}};
static const struct tr069_param sample_frames_params[] = {{"FrameRate", SAMPLES},
                                                          {"LostFrames", SAMPLES},
                                                          {"DecodedFrames", SAMPLES},
                                                          {"IDecodedFrames", SAMPLES},
                                                          {"ConcealedFrames", SAMPLES},
                                                          {"IConcealedFrames", SAMPLES},
                                                          {0}};
static const struct tr069_param sample_audio_params[] = {
    {"SampleSeconds", SAMPLES}, {"DecodedFrames", SAMPLES}, {"DecodingErrors", SAMPLES}, {0}};
static const struct tr069_param sample_response_params[] = {{"SampleSeconds", SAMPLES},
                                                            {"AverageVideoSystemResponse", SAMPLES},
                                                            {"MinimumVideoSystemResponse", SAMPLES},
                                                            {"MaximumVideoSystemResponse", SAMPLES},
                                                            {0}};

/* ---- Objects ---------------------------------------------------------------------------------- */

#define OBJECT(path, params)                                                                                 \
    { TR069_BOTH, SERVICE path, params, .commit = stb_commit, .refresh = stb_refresh }
#define TABLE(path, params)                                                                                  \
    {                                                                                                        \
        TR069_BOTH, SERVICE path "{i}.", params, .instances = stb_instances, .commit = stb_commit,           \
                                                 .refresh = stb_refresh                                      \
    }
/* What never changes while the client runs. */
#define FIXED(path, params)                                                                                  \
    { TR069_BOTH, SERVICE path, params }
#define FIXED_TABLE(path, params)                                                                            \
    { TR069_BOTH, SERVICE path "{i}.", params, .instances = stb_instances }
#define DECODER "Capabilities.VideoDecoder."
#define OF_STREAM STREAM "{i}."

const struct table stb_tables[] = {
    {BASELINE, {TR069_BOTH, "Services.", services_params}},
    {BASELINE, OBJECT("", service_params)},
    {BASELINE, FIXED("Capabilities.", capabilities_params)},
    {BASELINE, FIXED("Capabilities.PVR.", pvr_params)},
    {BASELINE, FIXED("Capabilities.AudioDecoder.", audio_capabilities_params)},
    {BASELINE, FIXED(DECODER, video_capabilities_params)},
    {BASELINE, FIXED(DECODER "MPEG2Part2.", mpeg2_params)},
    {BASELINE, FIXED_TABLE(DECODER "MPEG2Part2.ProfileLevel.", mpeg2_level_params)},
    {BASELINE, FIXED(DECODER "MPEG4Part2.", mpeg4_params)},
    {BASELINE, FIXED_TABLE(DECODER "MPEG4Part2.ProfileLevel.", mpeg4_level_params)},
    {BASELINE, FIXED(DECODER "MPEG4Part10.", avc_params)},
    {BASELINE, FIXED_TABLE(DECODER "MPEG4Part10.ProfileLevel.", avc_level_params)},
    {BASELINE, FIXED(DECODER "SMPTEVC1.", vc1_params)},
    {BASELINE, FIXED_TABLE(DECODER "SMPTEVC1.ProfileLevel.", vc1_level_params)},
    {BASELINE, FIXED("Capabilities.AudioOutput.", audio_output_capabilities_params)},
    {BASELINE, FIXED("Capabilities.VideoOutput.", video_output_capabilities_params)},
    {BASELINE, FIXED("Capabilities.CA.", ca_params)},
    {BASELINE, FIXED("Capabilities.DRM.", drm_params)},
    {BASELINE, FIXED("Capabilities.ServiceMonitoring.", monitoring_capabilities_params)},
    {BASELINE, FIXED("Components.", components_params)},
    {BASELINE, TABLE("Components.FrontEnd.", front_end_params)},
    {BASELINE, TABLE("Components.AudioDecoder.", audio_decoder_params)},
    {BASELINE, TABLE("Components.VideoDecoder.", video_decoder_params)},
    {BASELINE, TABLE("Components.AudioOutput.", audio_output_params)},
    {BASELINE, TABLE("Components.VideoOutput.", video_output_params)},
    {BASELINE, OBJECT("AVStreams.", av_streams_params)},
    {BASELINE, TABLE("AVStreams.AVStream.", av_stream_params)},
    {BASELINE, OBJECT("AVPlayers.", av_players_params)},
    {BASELINE, TABLE("AVPlayers.AVPlayer.", av_player_params)},
    {BASIC, FIXED("Capabilities.ServiceMonitoring.", service_types_params)},
    {BASIC,
     {TR069_BOTH, SERVICE MONITORING, monitoring_params, .check = stb_monitoring_check, .commit = stb_commit,
      .refresh = stb_refresh}},
    {BASIC, TABLE(STREAM, stream_params)},
    {BASIC, OBJECT(OF_STREAM "Total.", total_params)},
    {BASIC, OBJECT(OF_STREAM "Total.DejitteringStats.", total_buffer_params)},
    {BASIC, OBJECT(OF_STREAM "Total.TCPStats.", total_tcp_params)},
    {BASIC, OBJECT(OF_STREAM "Total.RTPStats.", total_rtp_params)},
    {EC, OBJECT(OF_STREAM "Total.RTPStats.", total_rtp_ec_params)},
    {BASIC, OBJECT(OF_STREAM "Total.MPEG2TSStats.", total_ts_params)},
    {BASIC, OBJECT(OF_STREAM "Total.VideoDecoderStats.", total_video_params)},
    {VIDEO, OBJECT(OF_STREAM "Total.VideoDecoderStats.", total_frames_params)},
    {AUDIO, OBJECT(OF_STREAM "Total.AudioDecoderStats.", total_audio_params)},
    {BASIC, OBJECT(OF_STREAM "Total.VideoResponseStats.", total_response_params)},
    {BASIC, OBJECT(OF_STREAM "Sample.", sample_params)},
    {VIDEO, FIXED(OF_STREAM "Sample.", metrics_params)},
    {BASIC, OBJECT(OF_STREAM "Sample.DejitteringStats.", sample_buffer_params)},
    {VIDEO, OBJECT(OF_STREAM "Sample.DejitteringStats.", sample_stall_params)},
    {BASIC, OBJECT(OF_STREAM "Sample.TCPStats.", sample_tcp_params)},
    {BASIC, OBJECT(OF_STREAM "Sample.RTPStats.", sample_rtp_params)},
    {EC, OBJECT(OF_STREAM "Sample.RTPStats.", sample_rtp_ec_params)},
    {BASIC, OBJECT(OF_STREAM "Sample.MPEG2TSStats.", sample_ts_params)},
    {BASIC, OBJECT(OF_STREAM "Sample.VideoDecoderStats.", sample_video_params)},
    {VIDEO, OBJECT(OF_STREAM "Sample.VideoDecoderStats.", sample_frames_params)},
    {AUDIO, OBJECT(OF_STREAM "Sample.AudioDecoderStats.", sample_audio_params)},
    {BASIC, OBJECT(OF_STREAM "Sample.VideoResponseStats.", sample_response_params)},
    {0, {0}}};
