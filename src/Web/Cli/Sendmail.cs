using System.CommandLine;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;
using Webmail.MailCore.Outbound;

namespace Webmail.Web.Cli;

/// <summary>
/// sendmail: the program of that name that cron and `mail` call; link it as /usr/sbin/sendmail. A message on standard input goes to the recipients of
/// its header (-t), those of the command line, or both. All or nothing: when it exits with 0, the message is on disk.
/// </summary>
internal static class Sendmail
{
    public const string Name = "sendmail";

    /// <summary>Only for --help: the arguments are read by <see cref="SendmailArguments"/>.</summary>
    public static Command Create() => new TaughtCommand(
        Name,
        "Send the message on standard input, as cron and `mail` do. Options: -t (recipients from To, Cc and Bcc), -f ADDRESS (envelope sender), -F NAME (sender's name), -i or -oi (a line with a single dot doesn't end the message), -bp (show the queue); other options of sendmail are taken and ignored. Exit codes: 0 sent, 64 usage, 65 unusable message or address, 67 no such user, 69 refused, 75 try again, 77 not allowed.",
        "sendmail -t < message.eml", "sendmail ann@example.org < message.eml")
    {
        TreatUnmatchedTokensAsErrors = false,
    };

    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, CancellationToken ct)
    {
        var asked = SendmailArguments.Parse(arguments);
        if (asked.Error is { } error)
        {
            await terminal.Error.WriteLineAsync(error);
            return ExitCodes.Usage;
        }

        if (asked.Mode == SendmailMode.Nothing)
            return ExitCodes.Ok;
        await using var bench = await Workbench.OpenAsync(terminal, [], json: false, ct);
        return asked.Mode == SendmailMode.ShowQueue ? await QueueList.RunAsync(bench, null, null, ct) : await SendAsync(bench, asked, ct);
    }

    static async Task<int> SendAsync(Workbench bench, SendmailArguments asked, CancellationToken ct)
    {
        var origin = await LocalOrigin.FindAsync(bench, ct);
        var sender = asked.IsNullSender ? null : origin.Complete(asked.Sender ?? Environment.UserName);

        var submission = bench.Get<Submission>();
        await using var spool = submission.Begin();
        await using var input = bench.Terminal.OpenInput();
        await SendmailInput.CopyAsync(input, spool, asked.DotIsText, FromField(sender ?? origin.Complete("postmaster"), asked.FullName), origin.Domain, bench.Settings.Limits.MessageSize, ct);

        var recipients = asked.Recipients.Select(origin.Complete).ToList();
        if (asked.FromHeader)
        {
            var named = Submission.RecipientsOf(spool.Header);
            if (named.Unreadable is { } unreadable)
                throw new MailException(MailError.Invalid, $"The recipients \"{unreadable}\" can't be read");
            recipients.AddRange(named.Recipients);
        }

        for (var i = 0; i < recipients.Count; i++)
            recipients[i] = await origin.RootAsync(recipients[i], ct);
        var outcome = await submission.SubmitAsync(
            bench.Actor, sender, recipients, spool, new SubmissionOptions { Protocol = "local" }, ct);
        return await ReportAsync(bench, outcome);
    }

    static async Task<int> ReportAsync(Workbench bench, InboundOutcome outcome)
    {
        var code = ExitCodes.Ok;
        foreach (var refused in outcome.Outcomes)
        {
            if (refused.Refusal is not { } refusal)
                continue;
            await bench.Terminal.Error.WriteLineAsync($"{refused.Recipient.Address}: {refusal.Text}");
            code = code == ExitCodes.Ok ? Of(refusal.Kind) : code;
        }

        return code;
    }

    static byte[] FromField(EmailAddress sender, string? name) => System.Text.Encoding.UTF8.GetBytes(
        name is null ? $"From: {sender}\r\n" : $"From: \"{Clean(name)}\" <{sender}>\r\n");

    static string Clean(string name) => string.Concat(name.Where(c => !char.IsControl(c) && c is not ('"' or '\\')));

    static int Of(RefusalKind kind) => kind switch
    {
        RefusalKind.UnknownUser => ExitCodes.NoUser,
        RefusalKind.OverQuota or RefusalKind.Temporary or RefusalKind.Disabled => ExitCodes.TryAgain,
        RefusalKind.TooLarge or RefusalKind.Malformed or RefusalKind.Loop => ExitCodes.Data,
        RefusalKind.RelayDenied or RefusalKind.NotYourAddress => ExitCodes.NoPermission,
        _ => ExitCodes.Unavailable,
    };
}
