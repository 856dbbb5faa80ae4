using Webmail.MailCore.Store;

namespace Webmail.Web.Cli.Checks;

/// <summary>mail.broken: what can't be, in anything that is stored.</summary>
internal sealed class InvariantsCheck : IDoctorCheck
{
    public string Subject => "stored mail";

    public bool ReadsEverything => true;

    public async Task<IReadOnlyList<Finding>> RunAsync(Workbench bench, CancellationToken ct)
    {
        var broken = await bench.Get<StoreDoctor>().BrokenAsync(ct);
        return broken.Count == 0
            ? [Finding.Ok(Subject, "every invariant holds (mail.broken is empty)")]
            : [.. broken.Select(b => Finding.Problem(Subject, $"account {b.Account}, mailbox {b.Mailbox}: {b.Rule}", "report it; nothing of it loses mail by itself"))];
    }
}
