import static com.slack.api.model.block.Blocks.actions;
import static com.slack.api.model.block.Blocks.asBlocks;
import static com.slack.api.model.block.Blocks.input;
import static com.slack.api.model.block.Blocks.section;
import static com.slack.api.model.block.composition.BlockCompositions.markdownText;
import static com.slack.api.model.block.composition.BlockCompositions.option;
import static com.slack.api.model.block.composition.BlockCompositions.plainText;
import static com.slack.api.model.block.element.BlockElements.asElements;
import static com.slack.api.model.block.element.BlockElements.button;
import static com.slack.api.model.block.element.BlockElements.checkboxes;
import static com.slack.api.model.block.element.BlockElements.datePicker;
import static com.slack.api.model.block.element.BlockElements.plainTextInput;
import static com.slack.api.model.block.element.BlockElements.staticSelect;
import static com.slack.api.model.view.Views.view;
import static com.slack.api.model.view.Views.viewClose;
import static com.slack.api.model.view.Views.viewSubmit;
import static com.slack.api.model.view.Views.viewTitle;

import com.slack.api.Slack;
import com.slack.api.SlackConfig;
import com.slack.api.bolt.App;
import com.slack.api.bolt.AppConfig;
import com.slack.api.bolt.context.Context;
import com.slack.api.bolt.socket_mode.SocketModeApp;
import com.slack.api.methods.MethodsClient;
import com.slack.api.methods.SlackApiException;
import com.slack.api.methods.SlackApiTextResponse;
import com.slack.api.model.Conversation;
import com.slack.api.model.block.LayoutBlock;
import com.slack.api.model.block.composition.OptionObject;
import com.slack.api.model.event.AppMentionEvent;
import com.slack.api.model.event.MessageEvent;
import com.slack.api.model.view.View;
import com.slack.api.model.view.ViewState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;

/** Deployer: people ask for deployments, others approve or reject them. What it does is said in ../README.md. */
public final class Deployer {
  private static final Set<String> seen = ConcurrentHashMap.newKeySet();
  /** Bolt acknowledges when a handler returns: what takes time is done here. */
  private static final ExecutorService later = Executors.newCachedThreadPool();

  private interface Call<T> {
    T make() throws IOException, SlackApiException;
  }

  private interface Work {
    void run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    SlackConfig config = new SlackConfig();
    config.setMethodsEndpointUrlPrefix(System.getenv("SLACK_API_URL"));
    // An answer or payload with a field that Slack does not have is no answer.
    config.setFailOnUnknownProperties(true);
    AppConfig appConfig =
        AppConfig.builder()
            .slack(Slack.getInstance(config))
            .singleTeamBotToken(System.getenv("SLACK_BOT_TOKEN"))
            .build();
    App app = new App(appConfig);
    commands(app);
    clicks(app);
    modals(app);
    events(app);
    new SocketModeApp(System.getenv("SLACK_APP_TOKEN"), app).start();
  }

  private static void commands(App app) {
    app.command(
        "/deploy",
        (request, context) -> {
          var command = request.getPayload();
          String service = command.getText();
          if (service.equals("settings")) {
            check(
                context
                    .client()
                    .viewsOpen(r -> r.triggerId(command.getTriggerId()).view(settings("In short"))));
            return context.ack();
          }
          String text = "<@" + command.getUserId() + "> wants to deploy " + service;
          String value = service + " " + command.getUserId();
          LayoutBlock buttons =
              actions(
                  asElements(
                      button(
                          b ->
                              b.actionId("approve")
                                  .text(plainText("Approve"))
                                  .value(value)
                                  .style("primary")),
                      button(
                          b ->
                              b.actionId("reject")
                                  .text(plainText("Reject"))
                                  .value(value)
                                  .style("danger"))));
          later(
              () ->
                  patiently(
                      () ->
                          context
                              .client()
                              .chatPostMessage(
                                  r ->
                                      r.channel(command.getChannelId())
                                          .text(text)
                                          .blocks(asBlocks(words("what", text), buttons)))));
          return context.ack("Asking for " + service + ".");
        });
  }

  private static void clicks(App app) {
    app.blockAction(
        "approve",
        (request, context) -> {
          var click = request.getPayload();
          String[] value = click.getActions().get(0).getValue().split(" ");
          String channel = click.getChannel().getId();
          String ts = click.getMessage().getTs();
          later(
              () -> {
                settle(context, channel, ts, value[0] + ": approved by <@" + click.getUser().getId() + ">");
                reply(context.client(), channel, ts, "Deploying " + value[0] + ".");
                context.respond(
                    r -> r.responseType("ephemeral").replaceOriginal(false).text("Noted."));
                tell(context.client(), value[1], value[0] + " was approved.");
              });
          return context.ack();
        });
    app.blockAction(
        "reject",
        (request, context) -> {
          var click = request.getPayload();
          String service = click.getActions().get(0).getValue().split(" ")[0];
          String about =
              String.join(" ", service, click.getChannel().getId(), click.getMessage().getTs());
          View reason =
              view(
                  v ->
                      v.type("modal")
                          .callbackId("reason")
                          .privateMetadata(about)
                          .title(viewTitle(t -> t.type("plain_text").text("Reject")))
                          .submit(viewSubmit(t -> t.type("plain_text").text("Reject")))
                          .close(viewClose(t -> t.type("plain_text").text("Back")))
                          .blocks(
                              asBlocks(
                                  input(
                                      i ->
                                          i.blockId("why")
                                              .label(plainText("Why?"))
                                              .element(
                                                  plainTextInput(
                                                      e -> e.actionId("reason").multiline(true)))))));
          check(context.client().viewsOpen(r -> r.triggerId(click.getTriggerId()).view(reason)));
          return context.ack();
        });
    app.blockAction(
        "details",
        (request, context) -> {
          View shown = request.getPayload().getView();
          later(
              () ->
                  check(
                      context
                          .client()
                          .viewsUpdate(
                              r ->
                                  r.viewId(shown.getId())
                                      .hash(shown.getHash())
                                      .view(settings("At length")))));
          return context.ack();
        });
  }

  private static void modals(App app) {
    app.viewSubmission(
        "reason",
        (request, context) -> {
          View entered = request.getPayload().getView();
          String reason = entered.getState().getValues().get("why").get("reason").getValue();
          if (reason.length() < 5) {
            return context.ack(r -> r.responseAction("errors").errors(Map.of("why", "Say more.")));
          }
          String[] about = entered.getPrivateMetadata().split(" ");
          String who = request.getPayload().getUser().getId();
          later(
              () ->
                  settle(context, about[1], about[2], about[0] + ": rejected by <@" + who + ">, " + reason));
          return context.ack();
        });
    app.viewSubmission(
        "settings",
        (request, context) -> {
          Map<String, Map<String, ViewState.Value>> values =
              request.getPayload().getView().getState().getValues();
          String environment =
              values.get("environment").get("environment").getSelectedOption().getValue();
          String flags =
              values.get("flags").get("flags").getSelectedOptions().stream()
                  .map(ViewState.SelectedOption::getValue)
                  .collect(Collectors.joining(","));
          String date = values.get("day").get("day").getSelectedDate();
          String entered = String.join(" ", environment, flags, date == null ? "today" : date);
          View sure =
              view(
                  v ->
                      v.type("modal")
                          .callbackId("sure")
                          .privateMetadata(entered)
                          .notifyOnClose(true)
                          .title(viewTitle(t -> t.type("plain_text").text("Sure?")))
                          .submit(viewSubmit(t -> t.type("plain_text").text("Save")))
                          .blocks(asBlocks(words("entered", entered))));
          return context.ack(r -> r.responseAction("push").view(sure));
        });
    app.viewSubmission(
        "sure",
        (request, context) -> {
          String entered = request.getPayload().getView().getPrivateMetadata();
          String who = request.getPayload().getUser().getId();
          later(() -> tell(context.client(), who, "Saved: " + entered + "."));
          return context.ack(r -> r.responseAction("clear"));
        });
    app.viewClosed(
        "sure",
        (request, context) -> {
          String who = request.getPayload().getUser().getId();
          later(() -> tell(context.client(), who, "Not saved."));
          return context.ack();
        });
  }

  private static void events(App app) {
    app.event(
        AppMentionEvent.class,
        (payload, context) -> {
          // Events come again when Slack missed the acknowledgement: each is for one answer.
          if (!seen.add(payload.getEventId())) return context.ack();
          AppMentionEvent mention = payload.getEvent();
          String words = mention.getText().replaceFirst("\\S+ ", "");
          later(
              () -> {
                for (String answer : answers(context.client(), words)) {
                  reply(context.client(), mention.getChannel(), mention.getTs(), answer);
                }
              });
          return context.ack();
        });
    app.event(
        MessageEvent.class,
        (payload, context) -> {
          MessageEvent message = payload.getEvent();
          if (!"im".equals(message.getChannelType())) return context.ack();
          later(
              () -> patiently(() -> context.say("Hello, <@" + message.getUser() + ">.")));
          return context.ack();
        });
  }

  private static List<String> answers(MethodsClient client, String words) throws Exception {
    return switch (words) {
      case "channels" -> List.of(String.join(", ", channelNames(client)));
      case "trouble" -> List.of(String.join("\n", refusals(client)));
      case "count" -> List.of("1", "2", "3", "4", "5", "6");
      default -> List.of("pong");
    };
  }

  private static List<String> channelNames(MethodsClient client) throws Exception {
    List<String> names = new ArrayList<>();
    String cursor = null;
    do {
      String from = cursor;
      var page = client.conversationsList(r -> r.limit(2).excludeArchived(true).cursor(from));
      check(page);
      page.getChannels().stream().map(Conversation::getName).forEach(names::add);
      cursor = page.getResponseMetadata().getNextCursor();
    } while (!cursor.isEmpty());
    Collections.sort(names);
    return names;
  }

  private static List<String> refusals(MethodsClient client) throws Exception {
    var nowhere = client.chatPostMessage(r -> r.channel("C0NOWHERE0").text("hello"));
    var join = client.conversationsJoin(r -> r.channel("C0OPS00002"));
    List<LayoutBlock> tooLong = asBlocks(words("what", "x".repeat(3001)));
    var refused = client.chatPostMessage(r -> r.channel("C0OPS00002").text("x").blocks(tooLong));
    return List.of(
        nowhere.getError(),
        join.getError() + " " + join.getNeeded(),
        refused.getError() + " " + String.join(" ", refused.getErrors()));
  }

  private static View settings(String intro) {
    return view(
        v ->
            v.type("modal")
                .callbackId("settings")
                .title(viewTitle(t -> t.type("plain_text").text("Settings")))
                .submit(viewSubmit(t -> t.type("plain_text").text("Next")))
                .blocks(
                    asBlocks(
                        words("intro", intro),
                        actions(
                            asElements(
                                button(
                                    b ->
                                        b.actionId("details").text(plainText("Details")).value("all")))),
                        input(
                            i ->
                                i.blockId("environment")
                                    .label(plainText("Environment"))
                                    .element(
                                        staticSelect(
                                            e ->
                                                e.actionId("environment")
                                                    .options(choices("staging", "production"))))),
                        input(
                            i ->
                                i.blockId("flags")
                                    .label(plainText("Flags"))
                                    .element(
                                        checkboxes(
                                            e -> e.actionId("flags").options(choices("dry", "slow"))))),
                        input(
                            i ->
                                i.blockId("day")
                                    .label(plainText("Day"))
                                    .optional(true)
                                    .element(datePicker(e -> e.actionId("day")))))));
  }

  private static List<OptionObject> choices(String... values) {
    return List.of(values).stream().map(value -> option(plainText(value), value)).toList();
  }

  private static LayoutBlock words(String id, String text) {
    return section(s -> s.blockId(id).text(markdownText(text)));
  }

  private static void settle(Context context, String channel, String ts, String text) throws Exception {
    check(
        context
            .client()
            .chatUpdate(
                r -> r.channel(channel).ts(ts).text(text).blocks(asBlocks(words("what", text)))));
  }

  private static void reply(MethodsClient client, String channel, String thread, String text)
      throws Exception {
    check(
        patiently(
            () -> client.chatPostMessage(r -> r.channel(channel).threadTs(thread).text(text))));
  }

  private static void tell(MethodsClient client, String user, String text) throws Exception {
    var im = client.conversationsOpen(r -> r.users(List.of(user)));
    check(im);
    check(patiently(() -> client.chatPostMessage(r -> r.channel(im.getChannel().getId()).text(text))));
  }

  /** Makes a call again after the time Slack names, for as long as it is one too many. */
  private static <T> T patiently(Call<T> call) throws Exception {
    while (true) {
      try {
        return call.make();
      } catch (SlackApiException refused) {
        if (refused.getResponse().code() != 429) throw refused;
        Thread.sleep(Integer.parseInt(refused.getResponse().header("Retry-After")) * 1000L);
      }
    }
  }

  private static void check(SlackApiTextResponse answer) {
    if (!answer.isOk()) throw new IllegalStateException(answer.getError());
  }

  private static void later(Work work) {
    later.submit(
        () -> {
          try {
            work.run();
          } catch (Exception problem) {
            problem.printStackTrace();
          }
        });
  }

  private Deployer() {}
}
