using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Web.Admin;
using Webmail.Web.Live;
using Webmail.Web.SignIn;

namespace Webmail.Web.Settings;

/// <summary>What one sets for oneself: looks and language (cookies of this browser), name and password.</summary>
public sealed partial class SettingsPage
{
    private Principal? _principal;
    private string _name = "";
    private string _current = "";
    private string _next = "";
    private string? _error;
    private string? _said;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [CascadingParameter]
    private Preferences Preferences { get; set; } = Preferences.Default;

    private (string Theme, string Name)[] Themes => [("auto", T["As the system"]), ("light", T["Light"]), ("dark", T["Dark"])];

    protected override async Task OnInitializedAsync()
    {
        _principal = (await Authentication).User.ToPrincipal();
        _name = _principal?.DisplayName ?? "";
    }

    private void Leave(string theme) => Navigation.NavigateTo($"/preferences?theme={theme}&then=/settings", forceLoad: true);

    private void Speak(string culture) => Navigation.NavigateTo($"/preferences?language={culture}&then=/settings", forceLoad: true);

    private Task NameAsync() => TryAsync(async () =>
    {
        await Account.SetDisplayNameAsync(_principal!, _name.Trim(), CancellationToken.None);
        _said = T["Saved"];
    });

    private async Task PasswordAsync()
    {
        // The change makes this circuit's user nobody, and that alone leaves for the form, which says why.
        var user = (CircuitUser)Provider;
        user.Why = "changed";
        await TryAsync(() => Account.ChangePasswordAsync(_principal!, _current, _next, CancellationToken.None));
        user.Why = _error is null ? "changed" : "ended";
        user.LookAgain();
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            _error = null;
            await work();
        }
        catch (MailException e)
        {
            _error = AdminErrors.Words(e, T);
        }
    }
}
