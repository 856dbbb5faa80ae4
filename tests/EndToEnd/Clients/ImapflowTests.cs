using MailKit;

namespace Webmail.EndToEnd.Clients;

/// <summary>imapflow, of which other people's web mail is made: CONDSTORE, QRESYNC, COMPRESS, IDLE. The day is imapflow/day.mjs.</summary>
public sealed class ImapflowTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "imapflow");
        var imaps = day.Imaps();
        using var node = day.Start(
            Path.Combine(AppContext.BaseDirectory, ".playwright", "node", OperatingSystem.IsLinux() ? $"linux-{Architecture}" : "darwin-arm64", "node"),
            ClientDay.Script("imapflow/day.mjs"), imaps.Port.ToString(), day.Account, ClientServer.Password, day.CertificatePath);
        var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await Task.WhenAny(imaps.AnsweredAsync("IDLE"), error);
        await day.Phone.AppendAsync("INBOX", "From the phone");
        await day.Phone.FlagAsync("INBOX", "From the phone", MessageFlags.Flagged);
        await day.EndAsync(node, async () => await output + await error);
        Assert.Equal(["Letter 1", "Letter 2: Flagged, $Work", "From the phone: Flagged"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["Old letter: Seen", "By imapflow: Seen", "Letter 1", "Letter 2: Flagged, $Work"], await day.Phone.ReadAsync("Archive"));
        Assert.Equal(["Отчёт", "Letter 3"], await day.Phone.ReadAsync("Работа"));
        await day.CompareAsync();
    }

    private static string Architecture => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture is System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64";
}
